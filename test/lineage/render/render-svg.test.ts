import { diffLineage } from '../../../src/lineage/diff';
import { renderSvg } from '../../../src/lineage/render/render-svg';
import { parseXml } from '../../local/sqlflow/xml';
import { changed, hostile, hostileNames, large, small } from './samples';

const title = 'nightly@42';

test('a document shows each table, its columns, and the lines between them', async () => {
  const svg = renderSvg(await small(), { title });
  for (const word of ['nightly@42', 'ods.orders', 'dw.sales', 'amount', 'status', '(rows)']) {
    expect(svg).toContain(`>${word}<`);
  }
  expect(svg.match(/<path class="line value"[^>]*marker-end/g)).toHaveLength(5);
  expect(svg.match(/<path class="line influence"[^>]*marker-end/g)).toHaveLength(2);
  // A join has no direction.
  expect(svg).toMatch(/<path class="line other" d="/);
});

test('the same lineage makes the same bytes', async () => {
  expect(renderSvg(await small(), { title })).toBe(renderSvg(await small(), { title }));
});

test('what a comparison found is told by colour, line and sign', async () => {
  const [before, after] = [await small(), await changed()];
  const svg = renderSvg(after, { title, diff: diffLineage(before, after) });
  expect(svg).toContain('class="card added"');
  expect(svg).toMatch(/class="line value added"[^>]*#arrow-added/);
  expect(svg).toMatch(/class="line influence removed"[^>]*#arrow-removed/);
  expect(svg).toContain('>mart.yearly</text>');
  expect(svg).toMatch(/class="row removed gone"[^>]*>orders</);
  for (const sign of ['>+<', '>−<', '>+ added<', '>− removed<', '+1 −1 columns']) {
    expect(svg).toContain(sign);
  }
});

test('a title longer than the picture keeps both its ends, and is whole for who points at it', async () => {
  const long = `${'warehouse.'.repeat(30)}orders@42`;
  const svg = renderSvg(await small(), { title: long });
  expect(svg).toMatch(/<text class="title"[^>]*>warehouse[^<]*…[^<]*orders@42<\/text>/);
  expect(svg).toContain(`<title id="title">${long}</title>`);
});

test('each colour has its counterpart where the reader’s system is dark', async () => {
  const [before, after] = [await small(), await changed()];
  const svg = renderSvg(after, { title, diff: diffLineage(before, after) });
  const [, plain = '', night = ''] =
    /<style>([^]*?)@media \(prefers-color-scheme:dark\)\{([^]*?)\n<\/style>/.exec(svg) ?? [];
  const colored = (rules: string) =>
    [...rules.matchAll(/([\w.,]+)\{(?:fill|stroke):#/g)].map(([, selector]) => selector);
  expect(colored(night)).toEqual(colored(plain));
  expect(colored(night)).toContain('.paper');
  // No colour is written beside the rules, where no reader's choice reaches it.
  expect(svg).not.toMatch(/(fill|stroke)="#/);
});

test('more tables than fit a page are shown without their columns, unless they are asked for', async () => {
  const lineage = await large(61, 120);
  expect(renderSvg(lineage, { title })).not.toContain('class="row"');
  expect(renderSvg(lineage, { title, level: 'columns' })).toContain('class="row"');
  expect(renderSvg(await small(), { title, level: 'tables' })).not.toContain('class="row"');
});

test('no name becomes markup, and none turns the reading direction', async () => {
  const svg = renderSvg(await hostile(), { title: hostileNames.join() });
  expect(() => parseXml(svg)).not.toThrow();
  expect(svg).not.toMatch(/<script|<img|<svg onload|[\u202e\u2028\u0000]/);
  expect(svg).toContain('&lt;/script&gt;');
});

test('a lineage of nothing is a picture that says so', async () => {
  const empty = { ...(await small()), datasets: [], columns: [] };
  const none = { length: 0, source: new Uint32Array(), target: new Uint32Array() };
  const edges = { ...empty.edges, ...none, kind: new Uint8Array() };
  expect(renderSvg({ ...empty, edges }, { title })).toContain('0 datasets, 0 columns, 0 edges');
});
