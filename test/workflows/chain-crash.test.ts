import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { writeManifest } from '../../src/artifacts/manifest';
import { stageFiles } from '../../src/artifacts/staging';
import type { RefreshOutcome } from '../../src/contracts/chain';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { chainState, forgetChain, requestRefresh } from '../../src/starter/chains';
import { awaitOutcome } from '../../src/starter/outcome';
import { KillableWorker } from '../support/killable-worker';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

const connection = 'sqlflow';
const chain = 'crash';

let temporal: TestTemporal;
let sqlflow: LocalSqlFlow;
let folder: string;

const worker = new KillableWorker(() => ({
  address: temporal.address,
  taskQueue: temporal.taskQueue,
  artifacts: path.join(folder, 'artifacts'),
  sqlflowUrl: sqlflow.url,
  linkisUrl: 'http://127.0.0.1:9',
}));

beforeAll(async () => {
  temporal = await testTemporal();
  sqlflow = await LocalSqlFlow.start();
  folder = await mkdtemp(path.join(tmpdir(), 'chain-crash-'));
});
afterAll(async () => {
  await worker.stop('SIGTERM');
  await temporal.close();
  await sqlflow.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(sql: string) {
  const { signal } = new AbortController();
  const file = path.join(folder, 'load.sql');
  await writeFile(file, sql);
  const store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
  const inputs = await writeManifest(store, await stageFiles(store, [file], { signal }), signal);
  const { client, taskQueue } = temporal;
  const request = { connection, chain, dbVendor: 'dbvhive', inputs };
  return requestRefresh(client, request, { taskQueue });
}

function outcome(workflowId: string) {
  return awaitOutcome<RefreshOutcome>(temporal.client, workflowId);
}

test('a worker killed while refreshes run, wait and are taken back: each ends once, as it should', async () => {
  await worker.start();
  const load = 'insert into mart.t (a) select a from raw.s;';
  const running = await ask(`-- local: delay 10m\n${load}`);
  await until(async () => sqlflow.jobs().some(({ status }) => status === 'process'));
  const waiting = await ask(`-- changed\n${load}`);
  const withdrawn = await ask(`-- unwanted\n${load}`);
  await until(
    async () => (await chainState(temporal.client, connection, chain)).queue.length === 2,
  );
  await worker.stop('SIGKILL');
  // Nobody hears it yet.
  await withdrawn.cancel();
  await worker.start();
  sqlflow.endDelays();
  const [first, second, third] = await Promise.all([
    outcome(running.workflowId),
    outcome(waiting.workflowId),
    outcome(withdrawn.workflowId),
  ]);
  expect(first).toMatchObject({ kind: 'succeeded', result: { end: 'refreshed', revision: 1 } });
  expect(second).toMatchObject({ kind: 'succeeded', result: { end: 'refreshed', revision: 2 } });
  expect(third).toMatchObject({ kind: 'cancelled', kill: { outcome: 'nothingToKill' } });
  const submits = sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitPersistJob');
  expect(submits).toHaveLength(2);
  expect(sqlflow.jobs()).toHaveLength(1);
  const { refreshes } = await chainState(temporal.client, connection, chain);
  expect(refreshes).toHaveLength(3);
  await forgetChain(temporal.client, connection, chain);
}, 300_000);
