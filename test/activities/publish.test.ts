import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { failureTypes } from '../../src/contracts/failure-types';
import type { LineagePublishInput } from '../../src/contracts/lineage-publish';
import { schemaMistakes } from '../lineage/openlineage-schemas';
import { exportOf } from '../lineage/sqlflow-model';
import { lineageCatalog, type LineageCatalog } from '../support/lineage-catalog';
import { ActivityStack } from './support';

const key = 'the-catalog-s-key';
let folder: string;
let catalog: LineageCatalog;
let stack: ActivityStack;
let chains = 0;
let chain: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'publish-'));
  catalog = await lineageCatalog();
  stack = new ActivityStack(folder, {
    connections: {},
    openlineage: {
      marquez: {
        url: catalog.events,
        apiKey: { value: key },
        headers: { 'x-tenant': { value: 'tenant-of-ours' } },
      },
      archive: { folder: path.join(folder, 'events') },
      nowhere: { url: `${catalog.url}/elsewhere` },
    },
  });
  chain = `nightly-${(chains += 1)}`;
});
afterEach(async () => {
  await stack.close();
  await catalog.close();
  await rm(folder, { recursive: true, force: true });
});

/** A revision in which each target has a column of each source. */
async function revision(
  number: number,
  flows: Readonly<Record<string, readonly string[]>>,
  target = 'marquez',
): Promise<LineagePublishInput> {
  const { signal } = new AbortController();
  const tables = [...new Set([...Object.keys(flows), ...Object.values(flows).flat()])];
  const text = exportOf(
    Object.fromEntries(tables.map((table) => [table, ['x']])),
    Object.entries(flows).flatMap(([to, from]) =>
      from.map((source) => ({ from: [`${source}.x`], to: `${to}.x` })),
    ),
  );
  const at = `chains/lineage/${chain}/${number}/lineage.json`;
  const lineage = await stack.store.put(at, Readable.from([text]), { format: 'json', signal });
  const run = { chain, connection: 'lineage', revision: number, atMs: 1_800_000_000_000 };
  return { lineage, run, target };
}

const publish = (input: LineagePublishInput) => stack.run('lineagePublish', input);
const jobs = () => catalog.taken.map(({ job }) => String(job.name).slice(chain.length + 1));

test('a revision is published as valid events, with the key and the headers of the target', async () => {
  const input = await revision(1, {
    'dw.sales': ['raw.orders', 'raw.people'],
    'dw.sums': ['dw.sales'],
  });
  expect(await publish(input)).toEqual({
    target: 'marquez',
    events: 2,
    sent: 2,
    withoutColumns: 0,
  });
  expect(jobs()).toEqual(['dw.sales', 'dw.sums']);
  for (const event of catalog.taken) expect(schemaMistakes(event)).toEqual([]);
  expect(catalog.taken[0]).toMatchObject({
    job: { namespace: 'remote-jobs/lineage' },
    outputs: [{ namespace: 'hive://lineage' }],
  });
  expect(catalog.headers[0]).toMatchObject({
    authorization: `Bearer ${key}`,
    'x-tenant': 'tenant-of-ours',
    'content-type': 'application/json',
  });
});

test('a repeat sends nothing, and another target gets everything', async () => {
  const input = await revision(1, { 'dw.sales': ['raw.orders'], 'dw.sums': ['dw.sales'] });
  await publish(input);
  expect(await publish(input)).toMatchObject({ events: 2, sent: 0 });
  expect(jobs()).toHaveLength(2);
  expect(await publish({ ...input, target: 'archive' })).toMatchObject({ events: 2, sent: 2 });
});

test('an attempt that the catalog left in the middle goes on where it was, under the same run ids', async () => {
  const input = await revision(1, { a: ['raw'], b: ['raw'], c: ['raw'], d: ['raw'] });
  let seen = 0;
  catalog.answer((_, response) => {
    seen += 1;
    if (seen === 3) response.writeHead(503, { 'retry-after': '7' }).end('{"message":"restarting"}');
  });
  const failed = await stack.failure('lineagePublish', input);
  expect(failed).toMatchObject({ type: failureTypes.busy, nonRetryable: false });
  expect(failed.message).toContain('restarting');
  expect(failed.nextRetryDelay).toBe(7000);
  expect(await publish(input)).toMatchObject({ events: 4, sent: 2 });
  expect(jobs()).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(catalog.taken.map(({ run }) => run.runId)).size).toBe(4);
});

test('an event that the catalog took while its answer was lost is sent again as the same run', async () => {
  const input = await revision(1, { a: ['raw'], b: ['raw'] });
  const seen: string[] = [];
  catalog.answer((event, response) => {
    seen.push(event.run.runId);
    if (seen.length === 2) response.destroy();
  });
  expect(await stack.failure('lineagePublish', input)).toMatchObject({
    type: failureTypes.unreachable,
    nonRetryable: false,
  });
  expect(await publish(input)).toMatchObject({ sent: 1 });
  expect(seen).toHaveLength(3);
  expect(seen[2]).toBe(seen[1]);
});

test('an event that the catalog refuses keeps no other back, and is named with its words', async () => {
  const input = await revision(1, { a: ['raw'], b: ['raw'], c: ['raw'] });
  catalog.answer((event, response) => {
    if (String(event.job.name).endsWith('.b')) {
      response.writeHead(422).end(`{"message":"b is not known; you sent ${key}"}`);
    }
  });
  const failed = await stack.failure('lineagePublish', input);
  expect(failed).toMatchObject({ type: failureTypes.rejected, nonRetryable: true });
  expect(failed.message).toMatch(
    /b is not known.*1 of 3 events were not taken; the first is .*\.b/,
  );
  expect(failed.message).not.toContain(key);
  expect(jobs()).toEqual(['a', 'c']);
  catalog.answer(() => undefined);
  expect(await publish(input)).toMatchObject({ events: 3, sent: 1 });
  expect(jobs()).toEqual(['a', 'c', 'b']);
});

test('a catalog that fails at every event is left alone after ten', async () => {
  const outputs = Array.from({ length: 30 }, (_, index) => [`t${index}`, ['raw']]);
  const input = await revision(1, Object.fromEntries(outputs));
  catalog.answer((_, response) => response.writeHead(500).end('{"message":"no orchestrator"}'));
  const failed = await stack.failure('lineagePublish', input);
  expect(failed).toMatchObject({ type: failureTypes.unreachable, nonRetryable: false });
  expect(failed.message).toContain('10 of 30 events were not taken, and no more were tried');
  expect(catalog.headers).toHaveLength(10);
});

test('an address that is wrong, or a key, ends the attempt at its first event', async () => {
  const input = await revision(1, { a: ['raw'], b: ['raw'] });
  expect(await stack.failure('lineagePublish', { ...input, target: 'nowhere' })).toMatchObject({
    type: failureTypes.rejected,
    nonRetryable: true,
  });
  catalog.answer((_, response) => response.writeHead(401).end('{"message":"no such key"}'));
  expect(await stack.failure('lineagePublish', input)).toMatchObject({
    type: failureTypes.notLoggedIn,
    nonRetryable: true,
  });
  expect(catalog.headers).toHaveLength(2);
});

test('an unknown target is a mistake of the configuration, which says what there is', async () => {
  const input = await revision(1, { a: ['raw'] });
  const failed = await stack.failure('lineagePublish', { ...input, target: 'marques' });
  expect(failed).toMatchObject({ type: failureTypes.configuration, nonRetryable: true });
  expect(failed.message).toMatch(/no OpenLineage target "marques".*Did you mean "marquez"/);
});

test('what has lost all its sources since it was published last is told once', async () => {
  await publish(await revision(1, { 'dw.sales': ['raw'], 'dw.sums': ['dw.sales'] }));
  const next = await revision(2, { 'dw.sales': ['raw'] });
  expect(await publish(next)).toMatchObject({ events: 2, sent: 2 });
  expect(jobs().slice(2)).toEqual(['dw.sales', 'dw.sums']);
  expect(catalog.taken[3]).toMatchObject({ inputs: [], outputs: [{ name: 'dw.sums' }] });
  expect(await publish(next)).toMatchObject({ events: 2, sent: 0 });
  expect(await publish(await revision(3, { 'dw.sales': ['raw'] }))).toMatchObject({ events: 1 });
});

test('a folder gets one file of lines for each refresh, and a repeat leaves it as it is', async () => {
  const input = await revision(4, { a: ['raw'], b: ['raw'] }, 'archive');
  expect(await publish(input)).toEqual({
    target: 'archive',
    events: 2,
    sent: 2,
    withoutColumns: 0,
  });
  expect(await publish(input)).toMatchObject({ events: 2, sent: 0 });
  const at = path.join(folder, 'events/lineage', chain);
  expect(await readdir(at)).toEqual(['4.jsonl']);
  const lines = (await readFile(path.join(at, '4.jsonl'), 'utf8')).trimEnd().split('\n');
  const written = lines.map((line) => JSON.parse(line));
  expect(written.map(({ job }) => job.name)).toEqual([`${chain}.a`, `${chain}.b`]);
  for (const event of written) expect(schemaMistakes(event)).toEqual([]);
});

test('other namespaces make another publication of the same revision', async () => {
  const input = await revision(1, { a: ['raw'] });
  await publish(input);
  const named = { ...input, jobNamespace: 'etl', datasetNamespace: 'hive://metastore:9083' };
  expect(await publish(named)).toMatchObject({ sent: 1 });
  const [first, second] = catalog.taken;
  expect(second).toMatchObject({
    job: { namespace: 'etl' },
    outputs: [{ namespace: 'hive://metastore:9083' }],
  });
  expect(second.run.runId).not.toBe(first.run.runId);
});
