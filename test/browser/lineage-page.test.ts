import type { Page } from 'playwright-core';
import { diffLineage } from '../../src/lineage/diff';
import type { Lineage } from '../../src/lineage/model';
import { columnName } from '../../src/lineage/model';
import { reach } from '../../src/lineage/questions';
import { comparedPicture } from '../../src/lineage/render/compared';
import { dark, light } from '../../src/lineage/render/palette';
import { pictureOf } from '../../src/lineage/render/picture';
import { renderHtml } from '../../src/lineage/render/render-html';
import { exported, read, relation } from '../lineage/support';
import { changed, hostile, hostileNames, large, small } from '../lineage/render/samples';
import { isSeen, listed, Places, rested, TestBrowser } from './browser';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.start();
}, 120_000);
afterAll(() => browser.close());

let page: Page;
let trouble: string[];
afterEach(async () => {
  expect(trouble).toEqual([]);
  await page.close();
});

async function open(
  html: AsyncIterable<string>,
  options?: { dark?: boolean; width?: number },
): Promise<void> {
  ({ page, trouble } = await browser.open(html, options));
}

async function search(words: string): Promise<void> {
  await page.fill('#search', words);
  await page.press('#search', 'Enter');
}

/** What the question of the command line answers. */
function expected(lineage: Lineage, name: string, way: 'upstream' | 'downstream'): string[] {
  const start = lineage.columns
    .map((_, column) => column)
    .filter((column) => [columnName(lineage, column), owner(lineage, column)].includes(name));
  return [...reach(lineage, start, way).distances.keys()]
    .filter((column) => !start.includes(column))
    .sort((one, other) => one - other)
    .map((column) =>
      lineage.columns[column]!.role === 'rows'
        ? `${owner(lineage, column)} (rows)`
        : columnName(lineage, column),
    );
}

const owner = ({ columns, datasets }: Lineage, column: number) =>
  datasets[columns[column]!.dataset]!.name;

const expectLit = async (lineage: Lineage, name: string) => {
  expect(await listed(page, 'upstream')).toEqual(expected(lineage, name, 'upstream'));
  expect(await listed(page, 'downstream')).toEqual(expected(lineage, name, 'downstream'));
};

test('a page opens from a file without a request, and says what it shows', async () => {
  await open(renderHtml(await small(), { title: 'nightly, revision 42' }));
  expect(await page.title()).toBe('nightly, revision 42');
  expect(await page.locator('header').textContent()).toContain('6 datasets, 12 columns, 8 edges');
  expect(await page.locator('#panel').isVisible()).toBe(false);
});

test('a click on a column lights all that is up- and downstream of it, and dims the rest', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }));
  const places = new Places(page, pictureOf(lineage, ''), () => true);
  const lines = { up: 'ods.orders.amount', other: 'ods.people.email' };
  expect(await isSeen(page, await places.beside(lines.up), light.line)).toBe(true);

  await page.mouse.click(...(await places.row('dw.sales.amount')));
  expect(await page.locator('#panel h2').textContent()).toBe('dw.sales.amount');
  await expectLit(lineage, 'dw.sales.amount');
  expect(await isSeen(page, await places.beside(lines.up), light.upstream)).toBe(true);
  expect(await isSeen(page, await places.beside('dw.sales.amount'), light.downstream)).toBe(true);
  expect(await isSeen(page, await places.beside(lines.other), light.line)).toBe(false);

  await page.mouse.click(...(await places.head('dw.sales')));
  await expectLit(lineage, 'dw.sales');
  await page.keyboard.press('Escape');
  expect(await page.locator('#panel').isVisible()).toBe(false);
  expect(await isSeen(page, await places.beside(lines.other), light.line)).toBe(true);
});

test('the search finds tables and columns by keyboard, the nearest name first', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }));
  await page.keyboard.press('/');
  await page.keyboard.type('AMOUNT');
  const found = page.locator('#found li');
  expect(await found.allTextContents()).toEqual([
    'dw.sales.amountcolumn',
    'ods.orders.amountcolumn',
  ]);
  await page.keyboard.press('ArrowDown');
  expect(await page.locator('#found [aria-selected=true]').textContent()).toContain('ods.orders');
  await page.keyboard.press('Enter');
  await expectLit(lineage, 'ods.orders.amount');
  expect(await page.locator('#status').textContent()).toBe(
    'ods.orders.amount: 0 upstream, 2 downstream',
  );
  await page.fill('#search', 'nothing like it');
  expect(await page.locator('#found').isVisible()).toBe(false);
  expect(await page.locator('#status').textContent()).toBe('nothing of that name');
});

test('tables close and open, one by one and all together, without moving from under the hand', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }));
  const picture = pictureOf(lineage, '');
  const opened = new Places(page, picture, () => true);
  const place = await opened.handle('ods.orders');
  await page.mouse.click(...place);
  const closed = new Places(page, picture, (name) => name !== 'ods.orders');
  const after = await closed.handle('ods.orders');
  expect(after[0]).toBeCloseTo(place[0], 0);
  expect(after[1]).toBeCloseTo(place[1], 0);

  await page.click('#tables');
  const tables = new Places(page, picture, () => false);
  await page.mouse.click(...(await tables.head('dw.sales')));
  await expectLit(lineage, 'dw.sales');
  // A closed table is opened for what is found in it.
  await search('mart.daily.total');
  const one = new Places(page, picture, (name) => name === 'mart.daily');
  await page.mouse.click(...(await one.row('mart.daily.orders')));
  await expectLit(lineage, 'mart.daily.orders');
  await page.click('#columns');
  expect(await page.getAttribute('#columns', 'aria-pressed')).toBe('true');
});

test('a wide table shows its last columns when they are asked for, or found', async () => {
  const wide = Array.from({ length: 60 }, (_, column) =>
    relation('fdd', [`a.wide.c${100 + column}`], `b.one.d${100 + column}`),
  );
  const lineage = await read(exported(wide));
  await open(renderHtml(lineage, { title: 'wide' }));
  const places = new Places(page, pictureOf(lineage, ''), () => true);
  const [x, y] = await places.row('a.wide.c139');
  const { k } = await places.view();
  await page.mouse.click(x, y + 20 * k);
  await page.mouse.click(x, y + 20 * k);
  expect(await page.locator('#panel h2').textContent()).toBe('a.wide.c140');
  await search('b.one.d159');
  const stage = (await page.locator('#stage').boundingBox())!;
  await page.keyboard.press('Escape');
  await page.mouse.click(stage.x + stage.width / 2, stage.y + stage.height / 2);
  expect(await page.locator('#panel h2').textContent()).toBe('b.one.d159');
});

test('a kind of edge that is not shown leads nowhere', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }));
  await search('dw.sales');
  expect(await listed(page, 'upstream')).toContain('ods.orders.status');
  await page.getByLabel('filters').uncheck();
  expect(await listed(page, 'upstream')).not.toContain('ods.orders.status');
  expect(await listed(page, 'upstream')).toContain('ods.orders.amount');
  await page.getByLabel('filters').check();
  await expectLit(lineage, 'dw.sales');
});

test('keys alone zoom, move, fit, choose, and walk from name to name', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }));
  const places = new Places(page, pictureOf(lineage, ''), () => true);
  const first = await places.view();
  await page.locator('#stage').focus();
  await page.keyboard.press('+');
  expect((await places.view()).k).toBeGreaterThan(first.k);
  await page.keyboard.press('0');
  expect(await places.view()).toEqual(first);
  await page.keyboard.press('ArrowLeft');
  expect((await places.view()).x).toBeGreaterThan(first.x);
  await search('dw.sales.amount');
  await page.locator('#downstream button').first().press('Enter');
  await expectLit(lineage, 'mart.daily.total');
  // The next key goes on from there.
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').textContent()).toBe('Close table');
});

test('a phone begins with tables that can be read, shows all when asked, and the panel below', async () => {
  const lineage = await small();
  await open(renderHtml(lineage, { title: 'small' }), { width: 390 });
  const places = new Places(page, pictureOf(lineage, ''), () => true);
  const first = await places.view();
  expect(first.k).toBeGreaterThanOrEqual(0.6);
  await page.click('#fit');
  expect((await places.view()).k).toBeLessThan(first.k);
  await search('dw.sales.amount');
  const [stage, panel] = [
    (await page.locator('#stage').boundingBox())!,
    (await page.locator('#panel').boundingBox())!,
  ];
  expect(panel.width).toBe(390);
  expect(panel.y).toBeGreaterThanOrEqual(stage.y + stage.height);
  expect(stage.height).toBeGreaterThan(200);
});

test.each([
  ['light', light],
  ['dark', dark],
] as const)(
  'a difference is told in colours, in signs and in words: %s',
  async (scheme, palette) => {
    const diff = diffLineage(await small(), await changed());
    await open(renderHtml(diff.after, { title: 'compared', diff }), { dark: scheme === 'dark' });
    const places = new Places(page, comparedPicture(diff, ''), () => true);
    const isHead = async (name: string, color: string) =>
      isSeen(page, await places.head(name), color, 20);
    expect(await isHead('mart.yearly', palette.added)).toBe(true);
    expect(await isHead('mart.daily', palette.changed)).toBe(true);
    expect(await isHead('ods.people', palette.ink)).toBe(true);
    const gone = await places.beside('dw.sales (rows)');
    expect(await isSeen(page, gone, palette.removed, 12)).toBe(true);
    expect(await page.locator('footer').textContent()).toMatch(/\+ added− removed~ changed/);

    await search('mart.daily.orders');
    expect(await page.locator('#panel p').textContent()).toContain('removed');
    await page.keyboard.press('Escape');
    await page.getByLabel('changes only').check();
    await search('ods.people.email');
    // What isn't among the changes is shown when it is looked for.
    expect(await page.getByLabel('changes only').isChecked()).toBe(false);
  },
);

test('names that want to be markup or program are shown as they are', async () => {
  const lineage = await hostile();
  await open(renderHtml(lineage, { title: hostileNames[0]! }));
  expect(await page.title()).toBe(hostileNames[0]);
  for (const name of [hostileNames[0]!, hostileNames[1]!]) {
    await search(`x.${name}`);
    expect(await page.locator('#panel h2').textContent()).toBe(`x.${name}`);
  }
  expect(await page.locator('img, svg, #panel script').count()).toBe(0);
});

test('two thousand tables and fifty thousand edges are searched, lit, opened and moved', async () => {
  const lineage = await large(2_000, 50_000);
  await open(renderHtml(lineage, { title: 'large' }));
  expect(await page.locator('header').textContent()).toContain('2000 datasets');
  await search('s.t1500');
  expect(await page.locator('#status').textContent()).toContain(
    `${expected(lineage, 's.t1500', 'upstream').length} upstream`,
  );
  const closed = new Places(page, pictureOf(lineage, ''), () => false);
  await page.mouse.click(...(await closed.head('s.t1501')));
  expect(await page.locator('#panel h2').textContent()).toBe('s.t1501');

  // Each move is drawn: none waits for the others.
  const before = await closed.view();
  const [x, y] = await closed.head('s.t1501');
  await page.mouse.move(x, y + 30);
  await page.mouse.down();
  for (let step = 1; step <= 20; step += 1) await page.mouse.move(x + step * 10, y + 30);
  await page.mouse.up();
  expect((await closed.view()).x - before.x).toBeCloseTo(200, 0);

  await page.getByLabel('related only').check();
  await page.click('#columns');
  await rested(page);
  await page.getByLabel('related only').uncheck();
  await search('s.t1999.c3');
  await expectLit(lineage, 's.t1999.c3');
});
