import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import { stageFiles } from '../src/artifacts/staging';
import type { LinkisClient } from '../src/clients/linkis/public';
import { checkedExport, sqlflowStatus, type SqlFlowClient } from '../src/clients/sqlflow/public';
import { awaitOutcome } from '../src/starter/outcome';
import { startJob, type JobInputs, type JobWorkflow } from '../src/starter/start';
import { quantile, type Bench, type Comparison, type Side } from './bench';
import { withService, withWorker, type WorkerStack } from './job-stack';
import { linkisClient, linkisConnection, linkisUser, untilEnded } from './linkis-target';
import { sqlflowClient, sqlflowConnection } from './sqlflow-target';

const task = { code: 'select 42 as answer', engine: 'spark-2.4.3', runType: 'sql' };
const job = { jobName: 'bench', dbVendor: 'dbvpostgresql' };
const sql = 'create view v as select id from t;';
const { signal } = new AbortController();

/** From submit to the end, in one way or the other. */
interface Ways {
  bareCalls(intervalMs: number): Promise<void>;
  durable(): Promise<void>;
}

/** Submit, wait, log and results; `linkisTask` stores what the bare calls only read. */
function linkisWays(stack: WorkerStack, client: LinkisClient): Ways {
  return {
    async bareCalls(intervalMs) {
      const call = { signal, user: linkisUser };
      const { taskId } = await client.submit(task, call);
      const { logPath, resultLocation } = await untilEnded(client, taskId, intervalMs, signal);
      await client.openLog(logPath ?? '', call);
      const [file] = await client.getDirFileTrees(resultLocation ?? '', call);
      await client.openFile(file?.path ?? '', {}, call);
    },
    durable: () => durably(stack, 'linkisTask', task),
  };
}

/** Submit, wait and the lineage as JSON, which `sqlflowJob` stores; it stages the file, too. */
function sqlflowWays(stack: WorkerStack, client: SqlFlowClient): Ways {
  const store = new FolderArtifactStore({ root: stack.folder });
  const content = Buffer.from(sql);
  const open = () => Readable.from([content]);
  return {
    async bareCalls(intervalMs) {
      const files = [{ name: 'a.sql', sizeBytes: content.length, open }];
      const { jobId } = await client.submitUserJob({ ...job, files }, signal);
      for (;;) {
        const { status } = await client.displayUserJobSummary({ jobId }, signal);
        if (!['queued', 'running'].includes(sqlflowStatus(status))) break;
        await sleep(intervalMs);
      }
      const exported = await client.exportLineageAsJson(jobId, {}, signal);
      for await (const _ of checkedExport(exported));
    },
    async durable() {
      const file = path.join(stack.folder, 'a.sql');
      await writeFile(file, sql);
      const files = await stageFiles(store, [file], { signal });
      await durably(stack, 'sqlflowJob', { ...job, files, exports: ['json'] });
    },
  };
}

async function durably<Type extends JobWorkflow>(
  { client, taskQueue }: WorkerStack,
  type: Type,
  input: JobInputs[Type],
): Promise<void> {
  const { workflowId } = await startJob(client, type, input, { taskQueue });
  const outcome = await awaitOutcome(client, workflowId);
  if (outcome.kind !== 'succeeded') throw new Error(`the job ended as ${outcome.kind}`);
}

async function compare(name: string, jobs: number, ways: Ways): Promise<Comparison> {
  return {
    case: `${name}, ${jobs} one after the other`,
    sides: [
      await timed('bare calls, a look each 20 ms', jobs, () => ways.bareCalls(20)),
      await timed('bare calls, a look each 500 ms', jobs, () => ways.bareCalls(500)),
      await timed(name, jobs, () => ways.durable()),
    ],
  };
}

async function timed(name: string, jobs: number, run: () => Promise<void>): Promise<Side> {
  await run(); // the first one also connects and logs in
  const timesMs: number[] = [];
  for (let i = 0; i < jobs; i++) {
    const startedMs = performance.now();
    await run();
    timesMs.push(performance.now() - startedMs);
  }
  return { name, figures: { p50Ms: quantile(timesMs, 0.5), p95Ms: quantile(timesMs, 0.95) } };
}

export const overhead: Bench = {
  name: 'overhead',
  title:
    'A job that takes no time, from submit to what it leaves (Linkis: its log and results; SQLFlow: its lineage as JSON), one after the other: bare HTTP calls, which throw that away, against a durable workflow, which stores it.',
  async *run(size) {
    const quick = size === 'quick';
    const jobs = quick ? 3 : 20;
    yield await withService({ kind: 'linkis', maxConcurrentTasks: 16 }, (url) =>
      withWorker({ linkis: linkisConnection(url) }, async (stack) => {
        const client = linkisClient(url);
        const compared = await compare('linkisTask', jobs, linkisWays(stack, client));
        await client.close();
        return compared;
      }),
    );
    yield await withService({ kind: 'sqlflow', jobDelayMs: 0 }, (url) =>
      withWorker({ sqlflow: sqlflowConnection(url) }, async (stack) => {
        const client = sqlflowClient(url);
        const compared = await compare('sqlflowJob', jobs, sqlflowWays(stack, client));
        await client.close();
        return compared;
      }),
    );
  },
};
