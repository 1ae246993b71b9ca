import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localConnections } from '../../src/cli/local-connections';
import type { RefreshResult } from '../../src/contracts/chain';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { pendingApprovals } from '../../src/starter/approvals';
import { schemaMistakes } from '../lineage/openlineage-schemas';
import { jobStack, type JobStack } from '../support/job-stack';
import { lineageCatalog, type LineageCatalog } from '../support/lineage-catalog';
import { until } from '../support/until';
import { Terminal } from './terminal';

const whole = 'insert into dw.sales select id, amount from raw.orders;';
const less = 'insert into dw.sales select id, 0 as amount from raw.orders;';
const gate = ['--gate-max-removed-edges', '0', '--on-closed', 'approve'];
let sqlflow: LocalSqlFlow;
let catalog: LineageCatalog;
let jobs: JobStack;
let cwd: string;
let plain: Terminal;
/** Prepared side by side: each waits for its test. */
let waiting: Waiting[];

beforeAll(async () => {
  [sqlflow, catalog] = await Promise.all([LocalSqlFlow.start({ jobDelayMs: 0 }), lineageCatalog()]);
  const { sqlflow: connection } = localConnections({ sqlflow: sqlflow.url, linkis: sqlflow.url });
  const openlineage = { marquez: { url: catalog.events } };
  jobs = await jobStack({ sqlflow: connection, other: connection }, { openlineage });
  cwd = await mkdtemp(path.join(tmpdir(), 'approve-'));
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `artifacts: { folder: ${JSON.stringify(jobs.store.root)} }\n`,
  );
  plain = terminal();
  waiting = await Promise.all([
    waitingChain('published', ['--publish', 'marquez']),
    waitingChain('refused'),
    waitingChain('chosen'),
    waitingChain('twice', [], ['sqlflow', 'other']),
  ]);
}, 120_000);
afterAll(async () => {
  await jobs.close();
  await Promise.all([sqlflow.close(), catalog.close()]);
  await rm(cwd, { recursive: true, force: true });
});

function terminal(options: { tty?: boolean } = {}): Terminal {
  const { address, taskQueue } = jobs.temporal;
  const flags = ['--address', address, '--task-queue', taskQueue];
  return new Terminal({ cwd, env: { HOME: cwd, USER: 'alice' }, flags, ...options });
}

interface Waiting {
  readonly chain: string;
  /** Who asked for the refreshes that wait, a connection each. */
  readonly ids: readonly string[];
}

/** A chain whose second refresh waits for an approval. */
async function waitingChain(
  chain: string,
  more: readonly string[] = [],
  connections: readonly string[] = ['sqlflow'],
): Promise<Waiting> {
  await mkdir(path.join(cwd, chain));
  const file = path.join(cwd, chain, 'sales.sql');
  const args = ['chain', 'refresh', chain, chain, '--dbvendor', 'hive', '--connection'];
  const id = (connection: string) => `ask-${chain}-${connection}`;
  const last = (connection: string) => [...gate, '--detach', '--id', id(connection), ...more];
  const all = (sql: string, options: (connection: string) => readonly string[]) =>
    writeFile(file, sql).then(() =>
      Promise.all(
        connections.map((connection) =>
          terminal().run(...args, connection, ...options(connection)),
        ),
      ),
    );
  const done = connections.map(() => 0);
  expect(await all(whole, () => [])).toEqual(done);
  expect(await all(less, last)).toEqual(done);
  await until(async () => {
    const pending = await pendingApprovals(jobs.temporal.client);
    return pending.filter((one) => one.chain === chain).length === connections.length;
  });
  return { chain, ids: connections.map(id) };
}

async function ended(id: string): Promise<number> {
  return plain.run('watch', id);
}

test('a script that only looks answers nothing, one with --yes approves by the chain’s name; reasons and the diff are told, and the refresh publishes, past a busy catalog', async () => {
  const [{ chain, ids }] = waiting as [Waiting];
  const [id] = ids as [string];
  expect(catalog.taken).toEqual([]);
  let isBusy = true;
  catalog.answer((_, response) => {
    if (isBusy) response.writeHead(503).end();
    isBusy = false;
  });
  for (const mode of ['text', 'json']) {
    expect(await plain.run('approve', chain, '--output', mode)).toBe(2);
    expect(plain.stderr).toContain('nothing was answered: give --yes or --reject');
    expect(plain.stderr).toContain('raw.orders.amount');
  }
  expect(await plain.run('approve', chain, '--yes', '--note', 'meant so')).toBe(0);
  expect(plain.stderr).toContain(`revision 2 of the chain ${chain} on sqlflow`);
  expect(plain.stderr).toMatch(/1 edge|edges/);
  expect(plain.stderr).toContain('raw.orders.amount');
  expect(plain.stdout).toBe('Approved by alice; the refresh goes on\n');
  expect(plain.stderr).toMatch(/^Follow it with: remote-jobs --address \S+ watch /m);
  expect(await ended(id)).toBe(0);
  const at = `artifact:chains/sqlflow/${chain}/2/result.json`;
  const result = JSON.parse(await jobs.read({ uri: at } as never)) as RefreshResult;
  expect(result).toMatchObject({ gate: { closed: true, approvedBy: 'alice' }, warnings: [] });
  expect(catalog.taken.map(({ job }) => job.name)).toEqual([`${chain}.dw.sales`]);
  expect(schemaMistakes(catalog.taken[0])).toEqual([]);
  expect(catalog.headers).toHaveLength(2);
  expect(await plain.run('approve', chain)).toBe(2);
  expect(plain.stderr).toContain(`Nothing waits for an approval at ${chain}`);
  expect(await plain.run('approve', id)).toBe(2);
  expect(plain.stderr).toContain(`Nothing waits for an approval at ${id}: completed`);
});

test('a refusal by the asker’s id fails the refresh with the name and the note', async () => {
  const { chain, ids } = waiting[1]!;
  const [id] = ids as [string];
  const args = ['approve', id, '--reject', '--by', 'bob', '--note', 'the orders are gone'];
  expect(await plain.run(...args, '--output', 'json')).toBe(0);
  expect(plain.json).toMatchObject({ chain, approved: false, by: 'bob' });
  expect(await ended(id)).toBe(1);
  expect(plain.stderr).toMatch(/bob refused revision 2 .*the orders are gone/i);
});

test('without an id a person sees what waits, looks at one, and decides with a key', async () => {
  const { chain, ids } = waiting[2]!;
  const [id] = ids as [string];
  const typing = terminal({ tty: true });
  const leaving = typing.run('approve', id);
  await typing.untilSaid(/\[a\]pprove, \[r\]efuse/);
  typing.press('x');
  expect(await leaving).toBe(0);
  expect(typing.stderr).toContain('Left as it is; it waits for another');
  const deciding = typing.run('approve');
  await typing.untilSaid(/\[1[-0-9]*\] to look at one/);
  const key = new RegExp(`^(\\d)\\s+${chain}\\b`, 'm').exec(typing.stdout)?.[1];
  typing.press(key ?? 'x');
  await typing.untilSaid(/\[a\]pprove, \[r\]efuse/);
  typing.press('a');
  expect(await deciding).toBe(0);
  expect(await ended(id)).toBe(0);
  expect(await plain.run('approve', '--output', 'json')).toBe(0);
  expect(plain.json.approvals).not.toContainEqual(expect.objectContaining({ chain }));
});

test('chains of one name on two connections are told apart, and only the first answer counts', async () => {
  const { chain, ids } = waiting[3]!;
  const other = ['--connection', 'other'];
  expect(await plain.run('approve', chain)).toBe(2);
  expect(plain.stderr).toMatch(/wait on several connections \((sqlflow, other|other, sqlflow)\)/);
  const answers = [terminal(), terminal()];
  const codes = await Promise.all(
    answers.map((one) => one.run('approve', chain, '--yes', ...other)),
  );
  expect(codes.sort()).toEqual([0, 2]);
  expect(await plain.run('approve', chain, '--yes', '--connection', 'sqlflow')).toBe(0);
  for (const id of ids) expect(await ended(id)).toBe(0);
});

test.each([
  [['--reject'], /Name what is answered/],
  [['no-such-chain'], /Nothing waits for an approval at no-such-chain/],
  [['x', '--yes', '--reject'], /--yes.*--reject|--reject.*--yes/],
])('%j is wrong usage', async (args, words) => {
  expect(await plain.run('approve', ...args)).toBe(2);
  expect(plain.stderr).toMatch(words);
});
