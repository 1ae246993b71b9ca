import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { textWidth } from '../../src/cli/text-width';
import { exported, relation } from '../lineage/support';
import { Terminal } from './terminal';

const { signal } = new AbortController();
const flows = [
  relation('fdd', ['ods.orders.amount'], 'dw.sales.amount'),
  relation('fdr', ['ods.orders.day'], 'dw.sales.RelationRows'),
  relation('fdd', ['dw.sales.amount'], 'mart.報告.合計'),
  relation('fdd', ['mart.報告.合計'], 'dw.sales.amount'),
];
const errors = [
  {
    errorType: 'SyntaxHint',
    errorMessage: 'etl/a.sql(4,1): no statement begins\nwith \u001b[31mselec',
  },
];

let cwd: string;
let terminal: Terminal;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-lineage-'));
  const json = (value: unknown) => [Buffer.from(JSON.stringify(value))];
  const write = (name: string, value: unknown) =>
    writeFile(path.join(cwd, name), JSON.stringify(value));
  await write('before.json', exported(flows));
  await write(
    'after.json',
    exported(flows.slice(1), [{ name: 'dw.new', type: 'view' }], { errors }),
  );
  const table = { name: 'a', type: 'table', columns: [{ name: 'y' }] };
  await write('values.json', exported([relation('fdd', ['a.x'], 'b.x')], [table]));
  await write('other.json', { name: 'x' });
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    'artifacts: { folder: store }\nconnections: { flow: { type: sqlflow, url: "http://127.0.0.1:1", userId: u, token: { env: T } } }\n',
  );
  const store = new FolderArtifactStore({ root: path.join(cwd, 'store') });
  const put = async (key: string, value: unknown) => {
    const body = (async function* () {
      yield* json(value);
    })();
    await store.put(`chains/flow/nightly/${key}`, body, { format: 'json', signal });
  };
  await put('41/lineage.json', exported(flows));
  await put('41/result.json', { revision: 41 });
  await put('42/lineage.json', exported(flows.slice(1)));
  await put('42/result.json', { revision: 42, comparedWith: 41 });
  await put('43/lineage.json', exported([]));
  await put('latest.json', { revision: 42 });
  const env = { HOME: cwd, TEMPORAL_ADDRESS: '127.0.0.1:1', T: 'token-value' };
  terminal = new Terminal({ cwd, env });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('a lineage is shown with its datasets, their neighbours and the errors of the server', async () => {
  expect(await terminal.run('lineage', 'show', 'after.json')).toBe(0);
  expect(terminal.stdout).toContain('dbvhive · 4 datasets · 3 columns · 3 edges · 1 error');
  expect(terminal.stdout).toMatch(/^dw\.new +view +0 +0 +0$/m);
  expect(terminal.stdout).toMatch(/^dw\.sales +table +1 +2 +1$/m);
  expect(terminal.stdout).toContain('etl/a.sql:4:1  no statement begins with selec SyntaxHint');
  expect(terminal.stdout).not.toContain('\u001b');
  const places = terminal.stdout.split('\n').flatMap((line) => {
    const at = line.search(/ (table|view) /);
    return at === -1 ? [] : [textWidth(line.slice(0, at))];
  });
  expect(new Set(places).size).toBe(1);
});

test('upstream is drawn as a tree that ends where it goes round', async () => {
  expect(await terminal.run('lineage', 'show', 'nightly@41', '--upstream', '合計')).toBe(0);
  expect(terminal.stdout).toBe(
    [
      'mart.報告.合計',
      '└─ dw.sales.amount fdd insert',
      '   ├─ mart.報告.合計 fdd insert ↻ circle',
      '   └─ ods.orders.amount fdd insert',
      '',
    ].join('\n'),
  );
  expect(terminal.stderr).toContain('2 columns upstream, up to 2 steps away');
});

test('downstream of a dataset by tables, to a depth, is one JSON document', async () => {
  const args = ['--downstream', 'ORDERS', '--table-level', '--depth', '1', '--output', 'json'];
  expect(await terminal.run('lineage', 'show', '--chain', 'nightly@41', ...args)).toBe(0);
  expect(terminal.json).toEqual({
    source: 'nightly@41',
    downstream: {
      of: 'ods.orders',
      cut: true,
      found: [{ dataset: 'dw.sales', column: '*', distance: 1 }],
      edges: ['fdd', 'fdr'].map((kind) => ({
        source: { dataset: 'ods.orders', column: '*' },
        target: { dataset: 'dw.sales', column: '*' },
        kind,
        effect: 'insert',
      })),
    },
  });
});

test('what nothing reads is listed by dataset', async () => {
  expect(await terminal.run('lineage', 'show', 'after.json', '--unused')).toBe(0);
  expect(terminal.stdout).toContain('1 dataset that nothing reads at all\n  dw.new view\n');
  expect(terminal.stderr).toBe('');
  expect(await terminal.run('lineage', 'show', 'values.json', '--unused')).toBe(0);
  expect(terminal.stdout).toContain('1 column that nothing reads\n  a\n    y\n');
  expect(terminal.stderr).toContain('a column that only filters or joins looks unused');
});

test('the whole lineage is one JSON document', async () => {
  expect(await terminal.run('lineage', 'show', 'nightly', '--output', 'json')).toBe(0);
  expect(terminal.json).toMatchObject({
    source: 'nightly@42',
    counts: { datasets: 3, edges: 3 },
    edges: [
      {
        source: { dataset: 'mart.報告', column: '合計' },
        target: { dataset: 'dw.sales' },
        kind: 'fdd',
      },
      { kind: 'fdr' },
      { kind: 'fdd' },
    ],
  });
});

test('a diff is told in text, and by the exit code where that is asked for', async () => {
  expect(await terminal.run('lineage', 'diff', 'before.json', 'after.json')).toBe(0);
  expect(terminal.stdout).toBe(
    [
      'before.json → after.json  1 edge removed · 1 column removed · 1 dataset added',
      '+ view dw.new (0 columns)',
      '  ods.orders',
      '-   column amount',
      '  dw.sales.amount',
      '-   ← ods.orders.amount fdd insert',
      '',
    ].join('\n'),
  );
  expect(await terminal.run('lineage', 'diff', 'before.json', 'after.json', '--exit-code')).toBe(1);
  expect(await terminal.run('lineage', 'diff', 'before.json', 'nightly@41', '--exit-code')).toBe(0);
  expect(terminal.stdout).toBe('No difference between before.json and nightly@41.\n');
});

test('a chain is compared with what its latest revision was compared with', async () => {
  const json = ['--output', 'json'];
  expect(await terminal.run('lineage', 'diff', '--chain', 'nightly', ...json)).toBe(0);
  expect(terminal.json).toMatchObject({ change: { edgesRemoved: 1, edgesAdded: 0 } });
  expect(await terminal.run('lineage', 'diff', 'nightly@43', '--format', 'json')).toBe(0);
  expect(JSON.parse(terminal.stdout)).toMatchObject({ change: { edgesAdded: 3 } });
  expect(await terminal.run('lineage', 'diff', 'nightly', '--format', 'markdown')).toBe(0);
  expect(terminal.stdout).toContain('## Lineage: `nightly@41` → `nightly@42`');
});

test.each([
  ['no name', ['show'], /Name a lineage file, or a chain/],
  ['no such file', ['show', 'no.json'], /no file no\.json\. If it is a chain: .* no revision/],
  ['no such path', ['show', './no/file.json'], /There is no file/],
  ['no such chain', ['show', '--chain', 'weekly'], /weekly on the connection flow has no revision/],
  ['no such revision', ['show', 'nightly@40'], /revision 40 .* these are: 41, 42, 43/],
  ['no number', ['show', 'nightly@x'], /names no revision: write nightly@ and its number/],
  ['other JSON', ['show', 'other.json'], /other\.json: this is no SQLFlow JSON lineage: .*\./],
  ['a mistyped dataset', ['show', 'before.json', '--upstream', 'dw.sale'], /mean "dw\.sales"\?/],
  ['a mistyped column', ['show', 'before.json', '--downstream', 'amuont'], /mean "amount"\?/],
  [
    'a name of several',
    ['show', 'before.json', '--upstream', 'amount'],
    /may be dw\.sales\.amount, ods/,
  ],
  ['a depth of nothing', ['show', 'before.json', '--depth', '2'], /belongs to --upstream/],
  ['no depth', ['show', 'before.json', '--upstream', 'x', '--depth', '0'], /whole number of steps/],
  ['one file', ['diff', 'before.json'], /before\.json is compared with nothing/],
  ['two formats', ['diff', 'a', 'b', '--format', 'text', '--output', 'json'], /exclude each other/],
  ['both', ['show', 'before.json', '--chain', 'nightly'], /not both/],
])('%s is answered with what to do, and exit code 2', async (_, args, words) => {
  expect(await terminal.run('lineage', ...args)).toBe(2);
  expect(terminal.stderr).toMatch(words);
});
