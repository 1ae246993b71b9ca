import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exported, relation } from '../lineage/support';
import { Terminal } from './terminal';

const flows = [
  relation('fdd', ['ods.orders.amount'], 'dw.sales.amount'),
  relation('fdd', ['dw.sales.amount'], 'mart.daily.total'),
];

let cwd: string;
let terminal: Terminal;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-render-'));
  await writeFile(path.join(cwd, 'before.json'), JSON.stringify(exported(flows)));
  await writeFile(path.join(cwd, 'after.json'), JSON.stringify(exported(flows.slice(1))));
  terminal = new Terminal({ cwd, env: { HOME: cwd, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const file = (name: string) => readFile(path.join(cwd, name), 'utf8');

test('a page is written whole, with what became different since', async () => {
  const args = ['lineage', 'render', 'after.json', '--diff-with', 'before.json'];
  expect(await terminal.run(...args, '--out', 'page.html')).toBe(0);
  expect(terminal.stdout).toContain('page.html');
  const html = await file('page.html');
  expect(html).toContain('<title>before.json → after.json</title>');
  expect(html).toContain('−1 datasets');
  expect(html.trimEnd().endsWith('</html>')).toBe(true);
});

test('an SVG is made where the file says so, and of tables alone where that is asked for', async () => {
  const args = ['lineage', 'render', 'before.json', '--table-level', '--title', 'A < B'];
  expect(await terminal.run(...args, '--out', 'tables.svg', '--output', 'json')).toBe(0);
  expect(JSON.parse(terminal.stdout)).toEqual({
    source: 'before.json',
    out: path.join(cwd, 'tables.svg'),
    format: 'svg',
  });
  const svg = await file('tables.svg');
  expect(svg).toContain('A &lt; B');
  expect(svg).toContain('>dw.sales<');
  expect(svg).not.toContain('class="row"');
});

test('without a file the picture goes to stdout, and nothing else does', async () => {
  expect(await terminal.run('lineage', 'render', 'before.json', '--svg')).toBe(0);
  expect(terminal.stdout.startsWith('<svg ')).toBe(true);
  expect(terminal.stdout.trimEnd().endsWith('</svg>')).toBe(true);
});

test('a file that cannot be written is wrong usage, and leaves nothing half', async () => {
  const out = path.join('missing', 'page.html');
  expect(await terminal.run('lineage', 'render', 'before.json', '--out', out)).toBe(2);
  expect(terminal.stderr).toContain("page.html can't be written: ENOENT");
  expect(await terminal.run('lineage', 'render', 'before.json', '--output', 'json')).toBe(2);
  expect(terminal.stderr).toContain('--out FILE');
  expect(await readdir(cwd)).toEqual(expect.not.arrayContaining([expect.stringMatching(/part$/)]));
});
