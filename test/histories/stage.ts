import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { writeManifest } from '../../src/artifacts/manifest';
import { stageFiles } from '../../src/artifacts/staging';
import type { StagedFile } from '../../src/contracts/artifact';
import {
  chainWorkflowId,
  refreshWorkflowId,
  type ChainRefreshInput,
} from '../../src/contracts/chain';
import type { JobHooks } from '../../src/contracts/hooks';
import type { PipelineInput } from '../../src/contracts/pipeline-steps';
import type { ScheduleDefinition } from '../../src/contracts/schedule';
import { LocalStack } from '../../src/local/stack';
import { RemoteJobsPlugin } from '../../src/plugin/remote-jobs-plugin';
import { requestRefresh } from '../../src/starter/chains';
import { describeJob } from '../../src/starter/describe';
import { triggerSchedule } from '../../src/starter/schedule-control';
import { createSchedule, deleteSchedule } from '../../src/starter/schedules';
import { startPipeline } from '../../src/starter/pipelines';
import { startJob, type JobInputs, type JobWorkflow } from '../../src/starter/start';
import { until } from '../support/until';
import { pipelineInput, type TestStep } from '../workflows/pipeline-stage';
import { recorder, secrets } from './scrub';

const taskQueue = 'histories';
/** The recording shares its machine with whatever else runs there. */
const patienceMs = 120_000;

/** The embedded stack with a worker, on which the histories are recorded. */
export class Stage {
  private worker: { stop(): Promise<void> } | undefined;
  private noticesTo: string | undefined;
  private hooks: JobHooks | undefined;

  private constructor(
    readonly local: LocalStack,
    readonly client: Client,
    private readonly connection: NativeConnection,
    private readonly codePath: string,
    private readonly folder: string,
  ) {}

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(path.join(tmpdir(), 'histories-'));
    const local = await LocalStack.start();
    const connection = await NativeConnection.connect({ address: local.temporal.address });
    const client = new Client({ connection, identity: recorder });
    const workflowsPath = path.join(__dirname, '../../workflows/public.ts');
    const logger = new DefaultLogger('ERROR');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger });
    const codePath = path.join(folder, 'workflows.js');
    await writeFile(codePath, code);
    const stage = new Stage(local, client, connection, codePath, folder);
    stage.worker = await stage.startWorker();
    return stage;
  }

  /** Stages one SQL file, as a caller would. */
  async file(sql: string): Promise<StagedFile[]> {
    const store = new FolderArtifactStore({ root: this.artifacts });
    const { signal } = new AbortController();
    return stageFiles(store, [await this.input(sql)], { signal });
  }

  /** Asks a chain for a refresh of one SQL file; the asker's id, and that of the refresh. */
  async askChain(
    chain: string,
    sql: string,
    more: Partial<ChainRefreshInput> = {},
  ): Promise<{ readonly workflowId: string; readonly refreshId: string }> {
    const store = new FolderArtifactStore({ root: this.artifacts });
    const inputs = await writeManifest(store, await this.file(sql), new AbortController().signal);
    const request = { chain, connection: 'lineage', dbVendor: 'dbvhive', inputs, ...more };
    const asked = await requestRefresh(this.client, request, { taskQueue });
    const chainId = chainWorkflowId(request.connection, chain);
    return {
      workflowId: asked.workflowId,
      refreshId: refreshWorkflowId(chainId, asked.firstExecutionRunId),
    };
  }

  /** Writes one SQL file, `load.sql`, where scheduled runs may read it. */
  async input(sql: string): Promise<string> {
    await mkdir(this.inputs, { recursive: true });
    const file = path.join(this.inputs, 'load.sql');
    await writeFile(file, sql);
    return file;
  }

  /** Has a run of a schedule begin, and answers its workflow id. */
  async scheduled(run: ScheduleDefinition['run']): Promise<string> {
    const target = { installation: 'histories', name: run.type };
    const times = { cron: ['0 0 1 1 *'], timeZone: 'Europe/Vienna' };
    const definition = { name: target.name, times, policy: {}, run };
    await deleteSchedule(this.client, target).catch(() => undefined);
    await createSchedule(this.client, definition, { ...target, taskQueue });
    const triggered = await triggerSchedule(this.client, target, { withinMs: patienceMs });
    if (triggered.kind !== 'started') throw new Error(`the run was ${triggered.kind}`);
    return triggered.workflowId;
  }

  async start<Type extends JobWorkflow>(type: Type, input: JobInputs[Type]): Promise<string> {
    const { workflowId } = await startJob(this.client, type, input, { taskQueue });
    return workflowId;
  }

  /** Starts a pipeline of these steps. */
  async pipeline(
    steps: Readonly<Record<string, TestStep>>,
    more: Partial<PipelineInput & PipelineInput['graph']> = {},
  ): Promise<{ readonly workflowId: string; readonly runId: string }> {
    const store = new FolderArtifactStore({ root: this.artifacts });
    const input = await pipelineInput({ store }, steps, more);
    const { workflowId, firstExecutionRunId } = await startPipeline(this.client, input, {
      taskQueue,
    });
    return { workflowId, runId: firstExecutionRunId };
  }

  /** Starts a workflow as somebody would who goes past the starter's checks. */
  async startUnchecked(type: string, ...args: unknown[]): Promise<string> {
    const workflowId = `${type}/${Date.now()}`;
    await this.client.workflow.start(type, { taskQueue, workflowId, args });
    return workflowId;
  }

  /** Has what happens told to a webhook that takes everything, from now until this scenario's end. */
  async withNotices<T>(run: () => Promise<T>): Promise<T> {
    const webhook = createServer((_request, response) => void response.end('ok'));
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const { port } = webhook.address() as AddressInfo;
    const replace = async (url: string | undefined) => {
      await this.worker?.stop();
      this.worker = undefined;
      this.noticesTo = url;
      this.worker = await this.startWorker();
    };
    await replace(`http://127.0.0.1:${port}/`);
    try {
      return await run();
    } finally {
      await replace(undefined);
      webhook.closeAllConnections();
      webhook.close();
    }
  }

  /** Meanwhile the worker has these hooks; the work must have ended before that is over. */
  async withHooks(hooks: JobHooks, run: () => Promise<string>): Promise<string> {
    const replace = async (now: JobHooks | undefined) => {
      await this.worker?.stop();
      this.worker = undefined;
      this.hooks = now;
      this.worker = await this.startWorker();
    };
    await replace(hooks);
    try {
      return await run();
    } finally {
      await replace(undefined);
    }
  }

  /** Waits until the service's own word for the job is this one. */
  untilStatus(workflowId: string, status: string): Promise<void> {
    return this.until(async () => {
      const { progress } = await describeJob(this.client, workflowId);
      return progress?.status === status;
    });
  }

  /** Waits for a call of this endpoint beyond those that have come in so far. */
  untilCalled(vendor: 'sqlflow' | 'linkis', endpoint: string): Promise<void> {
    const called = () =>
      this.local[vendor].service.calls.filter((call) => call.endpoint === endpoint).length;
    const before = called();
    return this.until(async () => called() > before);
  }

  until(condition: () => Promise<boolean>): Promise<void> {
    return until(condition, patienceMs);
  }

  async cancel(workflowId: string): Promise<void> {
    await this.client.workflow.getHandle(workflowId).cancel();
  }

  /** Another worker takes over: the first one shuts down and hands over what it waits for. */
  async handOver(): Promise<void> {
    const before = this.worker;
    this.worker = await this.startWorker();
    await before?.stop();
  }

  async close(): Promise<void> {
    await this.worker?.stop();
    await this.connection.close();
    await this.local.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  get inputs(): string {
    return path.join(this.folder, 'inputs');
  }

  private get artifacts(): string {
    return path.join(this.folder, 'artifacts');
  }

  private async startWorker(): Promise<{ stop(): Promise<void> }> {
    // A second worker of a queue wants a connection of its own.
    const connection = await NativeConnection.connect({ address: this.local.temporal.address });
    const plugin = new RemoteJobsPlugin({
      installation: 'histories',
      artifacts: { folder: this.artifacts },
      inputs: { roots: [this.inputs] },
      hooks: this.hooks,
      ...(this.noticesTo !== undefined && { notify: { everything: { url: this.noticesTo } } }),
      connections: {
        lineage: {
          type: 'sqlflow',
          url: this.local.sqlflow.url,
          userId: 'demo',
          secretKey: { value: secrets.sqlflow },
        },
        cluster: {
          type: 'linkis',
          url: this.local.linkis.url,
          user: 'hadoop',
          token: { value: secrets.linkis },
          lostAfterMs: 2000,
        },
      },
    });
    const worker = await Worker.create({
      connection,
      taskQueue,
      identity: recorder,
      workflowBundle: { codePath: this.codePath },
      plugins: [plugin],
    });
    const running = worker.run();
    return {
      stop: async () => {
        worker.shutdown();
        await running;
        await connection.close();
      },
    };
  }
}
