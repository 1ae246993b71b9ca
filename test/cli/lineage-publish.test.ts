import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import type { LatestRevision, RefreshResult } from '../../src/contracts/chain';
import { schemaMistakes } from '../lineage/openlineage-schemas';
import { exportOf } from '../lineage/sqlflow-model';
import { lineageCatalog, type LineageCatalog } from '../support/lineage-catalog';
import { Terminal } from './terminal';

const { signal } = new AbortController();
const lineageText = exportOf({ 'raw.orders': ['id'], 'dw.sales': ['id'], 'dw.sums': ['id'] }, [
  { from: ['raw.orders.id'], to: 'dw.sales.id' },
  { from: ['dw.sales.id'], to: 'dw.sums.id' },
]);
let catalog: LineageCatalog;
let cwd: string;
let terminal: Terminal;

beforeAll(async () => {
  catalog = await lineageCatalog();
  cwd = await mkdtemp(path.join(tmpdir(), 'lineage-publish-'));
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `connections:
  sqlflow: { type: sqlflow, url: "http://127.0.0.1:1/gspLive_backend", userId: u, token: { env: NO_TOKEN } }
openlineage:
  marquez: { url: "${catalog.events}", apiKey: { env: CATALOG_KEY } }
  archive: { folder: events }
  locked: { url: "${catalog.events}", apiKey: { env: NO_KEY } }
artifacts: { folder: artifacts }
`,
  );
  await writeFile(path.join(cwd, 'by hand.json'), lineageText);
  await storeRevisions();
  terminal = new Terminal({ cwd, env: { HOME: cwd, CATALOG_KEY: 'a-key-of-the-catalog' } });
});
afterAll(async () => {
  await catalog.close();
  await rm(cwd, { recursive: true, force: true });
});
beforeEach(() => {
  catalog.taken.length = 0;
  catalog.answer(() => undefined);
});

/** Revision 1 is good and the latest, revision 2 was stopped by a gate. */
async function storeRevisions() {
  const store = new FolderArtifactStore({ root: path.join(cwd, 'artifacts') });
  const put = (key: string, text: string) =>
    store.put(`chains/sqlflow/nightly/${key}`, Readable.from([text]), { format: 'json', signal });
  const json = await put('1/lineage.json', lineageText);
  await put('2/lineage.json', lineageText);
  const common = { revision: 1, generation: 1, jobId: 'j', artifacts: { json } };
  const result: Partial<RefreshResult> = { ...common, endedAtMs: 1_800_000_000_000 };
  const latest: LatestRevision = { ...common, atMs: 1_800_000_000_000 };
  await put('1/result.json', JSON.stringify(result));
  await put('latest.json', JSON.stringify(latest));
}

test('a revision is sent, and a second time there is nothing new', async () => {
  expect(await terminal.run('lineage', 'publish', 'nightly', '--target', 'marquez')).toBe(0);
  expect(terminal.stdout).toBe('2 events of nightly@1 sent to marquez.\n');
  expect(catalog.taken.map(({ job }) => job.name)).toEqual(['nightly.dw.sales', 'nightly.dw.sums']);
  expect(catalog.headers.at(-1)).toMatchObject({ authorization: 'Bearer a-key-of-the-catalog' });
  const again = ['lineage', 'publish', '--chain', 'nightly@1', '--target', 'marquez'];
  expect(await terminal.run(...again)).toBe(0);
  expect(terminal.stdout).toBe('Nothing new: marquez has all of nightly@1, 2 events.\n');
  expect(await terminal.run(...again, '--output', 'json')).toBe(0);
  expect(terminal.json).toEqual({
    source: 'nightly@1',
    target: 'marquez',
    events: 2,
    sent: 0,
    withoutColumns: 0,
  });
  expect(catalog.taken).toHaveLength(2);
});

test('a file is sent under its own name, the same runs each time', async () => {
  const publish = ['lineage', 'publish', 'by hand.json', '--target', 'marquez'];
  expect(await terminal.run(...publish)).toBe(0);
  expect(await terminal.run(...publish)).toBe(0);
  const ids = catalog.taken.map(({ run }) => run.runId);
  expect(ids.slice(2)).toEqual(ids.slice(0, 2));
  expect(catalog.taken[0].job).toMatchObject({
    namespace: 'remote-jobs/sqlflow',
    name: 'by-hand.dw.sales',
  });
  expect(await terminal.run(...publish, '--job', 'a/b')).toBe(2);
  expect(terminal.stderr).toContain('--job a/b is no name for a job');
});

test('--out writes the events and sends none', async () => {
  const out = ['--out', 'events.jsonl', '--dataset-namespace', 'hive://metastore:9083'];
  expect(await terminal.run('lineage', 'publish', 'by hand.json', ...out)).toBe(0);
  expect(terminal.stdout).toBe('2 events of by hand.json in events.jsonl\n');
  const lines = (await readFile(path.join(cwd, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
  for (const line of lines) expect(schemaMistakes(JSON.parse(line))).toEqual([]);
  expect(JSON.parse(lines[0] ?? '').outputs[0].namespace).toBe('hive://metastore:9083');
  expect(catalog.taken).toEqual([]);
  expect(await terminal.run('lineage', 'publish', 'by hand.json', '--out', 'no/such/folder')).toBe(
    2,
  );
  expect(terminal.stderr).toContain("can't be written (ENOENT)");
});

test('a revision that a gate stopped is not published', async () => {
  expect(await terminal.run('lineage', 'publish', 'nightly@2', '--target', 'marquez')).toBe(2);
  expect(terminal.stderr).toContain('nightly@2 did not become a revision of its chain');
  expect(catalog.taken).toEqual([]);
});

test('what the catalog refuses is told in its words, and the next try sends the rest', async () => {
  const publish = [
    'lineage',
    'publish',
    'nightly',
    '--target',
    'marquez',
    '--job-namespace',
    'etl',
  ];
  catalog.answer((event, response) => {
    if (event.job.name === 'nightly.dw.sales') {
      response.writeHead(422).end('{"message":"dw.sales is locked"}');
    }
  });
  expect(await terminal.run(...publish)).toBe(4);
  expect(terminal.stderr).toMatch(/HTTP 422: dw.sales is locked \(1 of 2 events were not taken/);
  catalog.answer(() => undefined);
  expect(await terminal.run(...publish)).toBe(0);
  expect(terminal.stdout).toBe('1 event of nightly@1 sent to marquez, which had the other 1.\n');
});

test.each([
  [['nightly'], /Name a target with --target/],
  [['nightly', '--target', 'marques'], /no OpenLineage target "marques".*Did you mean "marquez"/],
  [['nightly', '--target', 'locked'], /openlineage\.locked\.apiKey .* NO_KEY, which is not set/],
  [['nightly', '--target', 'archive', '--job', 'x'], /--job is for a file/],
  [['nothing.json', '--target', 'archive'], /There is no file nothing\.json/],
])('%j is wrong usage, with the remedy', async (args, words) => {
  expect(await terminal.run('lineage', 'publish', ...args)).toBe(2);
  expect(terminal.stderr).toMatch(words);
});
