import { createHash } from 'node:crypto';
import { diffLineage } from '../../../src/lineage/diff';
import type { Lineage } from '../../../src/lineage/model';
import { comparedPicture } from '../../../src/lineage/render/compared';
import { pageData, pictureFrom, type PageData } from '../../../src/lineage/render/page-data';
import { pictureOf, type Picture } from '../../../src/lineage/render/picture';
import {
  mostInPage,
  renderHtml,
  type RenderHtmlOptions,
} from '../../../src/lineage/render/render-html';
import { changed, hostile, hostileNames, small } from './samples';

async function page(lineage: Lineage, options: RenderHtmlOptions): Promise<string> {
  let text = '';
  for await (const piece of renderHtml(lineage, options)) text += piece;
  return text;
}

const dataOf = (html: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!);

const restored = (picture: Picture) =>
  pictureFrom(JSON.parse([...pageData(picture)].join('')) as PageData);

test('a page names nothing outside of itself, and lets only its own program run', async () => {
  const html = await page(await small(), { title: 'nightly, revision 42' });
  expect(html).toContain('<title>nightly, revision 42</title>');
  expect(html).not.toMatch(/<link|<img|<iframe|\ssrc=|@import|url\(/);
  const policy = /content="(default-src[^"]*)"/.exec(html)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const [, style] = /<style>(.*?)<\/style>/s.exec(html)!;
  const [, script] = /<script>(.*?)<\/script>/s.exec(html)!;
  for (const text of [style!, script!]) {
    expect(policy).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  }
});

test('the libraries in a page bring their licences along', async () => {
  const html = await page(await small(), { title: '' });
  for (const words of ['d3-zoom', '@dagrejs/dagre', 'Mike Bostock', 'Chris Pettitt']) {
    expect(html).toContain(words);
  }
});

test('hostile names are text in a page, and come out of it as they went in', async () => {
  const html = await page(await hostile(), { title: hostileNames.join(' ') });
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.match(/<\/script/g)).toHaveLength(2);
  expect(html).not.toMatch(/<!--|<img|<svg|[\u202e\u2028\u0000]/);
  const names = pictureFrom(dataOf(html)).columns.map(({ name }) => name);
  expect(names).toContain(hostileNames[0]);
  expect(names).toContain('&lt;b&gt;');
});

test('a picture comes out of its page as it was', async () => {
  const plain = pictureOf(await small(), 'plain');
  expect(restored(plain)).toEqual(plain);
  const compared = comparedPicture(diffLineage(await small(), await changed()), 'compared');
  expect(restored(compared)).toEqual(compared);
});

test('what two lineages have together is marked once each', async () => {
  const { tables, columns, edges } = comparedPicture(
    diffLineage(await small(), await changed()),
    '',
  );
  const marked = (mark: number) => ({
    tables: tables.filter((table) => table.mark === mark).map(({ name }) => name),
    columns: columns.filter((column) => column.mark === mark).map(({ name }) => name),
    edges: edges.mark.filter((one) => one === mark).length,
  });
  expect(marked(1)).toEqual({ tables: ['mart.yearly'], columns: ['total'], edges: 1 });
  expect(marked(2)).toEqual({ tables: [], columns: ['orders'], edges: 1 });
  expect(marked(3)).toEqual({ tables: ['mart.daily'], columns: [], edges: 0 });
});

test('a lineage too large for a browser is refused with what to do', async () => {
  const lineage = await small();
  const length = mostInPage.edges + 1;
  const many = { ...lineage.edges, length };
  await expect(page({ ...lineage, edges: many }, { title: '' })).rejects.toMatchObject({
    code: 'Lineage.TooLarge',
    message: expect.stringContaining(`these are ${length}`),
  });
});

test('drawing stops when it is told to', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(page(await small(), { title: '', signal })).rejects.toThrow('enough');
});
