import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { writeManifest } from '../../src/artifacts/manifest';
import { approvalMessages, type Approval, type ApprovalState } from '../../src/contracts/approval';
import {
  chainFolder,
  chainWorkflowId,
  refreshWorkflowId,
  revisionFolder,
  type ChainGeneration,
  type ChainRefreshInput,
  type ChainRevision,
  type Manifest,
  type ManifestRef,
  type RefreshDone,
  type RefreshInput,
} from '../../src/contracts/chain';
import { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import type { RefreshRun } from './fixtures/refresh-of-a-chain';

type Service = Parameters<typeof LocalSqlFlow.start>[0] & { readonly maxUploadBytes?: number };

/** A target that nothing can be published to. */
const openlineage = {
  keyless: { url: 'http://127.0.0.1:1/lineage', apiKey: { env: 'NO_SUCH_KEY' } },
};

/** Refreshes on a real Temporal server, and local SQLFlows that differ in what isn't documented. */
export class RefreshStage<Name extends string> {
  private constructor(
    readonly stack: JobStack,
    readonly services: Readonly<Record<Name, LocalSqlFlow>>,
  ) {}

  static async open<Name extends string>(
    wanted: Readonly<Record<Name, Service>>,
  ): Promise<RefreshStage<Name>> {
    process.env.SQLFLOW_REFRESH_KEY = 'demo-secret';
    const entries = Object.entries<Service>(wanted);
    const started = await Promise.all(
      entries.map(async ([name, { maxUploadBytes, ...options }]) => {
        const service = await LocalSqlFlow.start({ jobDelayMs: 0, ...options });
        const settings = {
          type: 'sqlflow' as const,
          url: service.url,
          userId: 'demo',
          secretKey: { env: 'SQLFLOW_REFRESH_KEY' },
          maxUploadBytes,
        };
        return [name, service, settings] as const;
      }),
    );
    const connections = Object.fromEntries(started.map(([name, , settings]) => [name, settings]));
    const stack = await jobStack(
      connections,
      { openlineage },
      { workflowsPath: path.join(__dirname, 'fixtures/refresh-of-a-chain.ts') },
    );
    const services = Object.fromEntries(started.map(([name, service]) => [name, service]));
    return new RefreshStage(stack, services as Record<Name, LocalSqlFlow>);
  }

  chain(connection: Name, name: string): TestChain {
    return new TestChain(this.stack, this.services[connection], connection, name);
  }

  async close(): Promise<void> {
    await this.stack.close();
    await Promise.all(Object.values<LocalSqlFlow>(this.services).map((service) => service.close()));
  }
}

type Files = Readonly<Record<string, string>>;
type Options = Partial<Omit<ChainRefreshInput, 'chain' | 'connection' | 'inputs'>> & {
  readonly partial?: Manifest['partial'];
};

export interface StartedRefresh {
  readonly workflowId: string;
  /** The workflow above it. */
  readonly above: string;
  cancel(): Promise<unknown>;
  ended(): Promise<RefreshRun>;
}

/** What a chain knows between its refreshes, kept by the rules that chains keep it by. */
export class TestChain {
  revision = 0;
  current: ChainGeneration | undefined;
  latest: ChainRevision | undefined;
  unsettled: ManifestRef[] = [];
  replacedJobs: readonly string[] = [];
  lastWorkflowId: string | undefined;
  private ran = false;

  constructor(
    readonly stack: JobStack,
    readonly service: LocalSqlFlow,
    readonly connection: string,
    readonly name: string,
  ) {}

  async refresh(files: Files, options: Options = {}): Promise<RefreshRun> {
    return (await this.start(files, options)).ended();
  }

  /** @param below the id of the one above it */
  async start(files: Files, options: Options = {}, below?: string): Promise<StartedRefresh> {
    const { client, taskQueue } = this.stack.temporal;
    const { input, workflowId } = await this.ask(files, options);
    const { inputs, dbVendor, defaultDatabase, defaultSchema } = input.request;
    const above = below ?? `${workflowId}-above`;
    const handle = await client.workflow.start('refreshOfAChain', {
      taskQueue,
      workflowId: above,
      args: [input, workflowId],
    });
    // What a chain remembers of a first refresh whose submit it never heard of.
    const settings = { dbVendor, defaultDatabase, defaultSchema };
    this.current ??= { generation: 1, key: input.nextKey, settings, submits: 0 };
    return {
      workflowId,
      above,
      cancel: () => handle.cancel(),
      ended: async () => this.learn((await handle.result()) as RefreshRun, inputs),
    };
  }

  /** Without anybody above it who hears of the job. */
  async alone(files: Files): Promise<RefreshRun> {
    const { client, taskQueue } = this.stack.temporal;
    const { input, workflowId } = await this.ask(files);
    const options = { taskQueue, workflowId, args: [input] };
    const done = (await client.workflow.execute('sqlflowRefresh', options)) as RefreshDone;
    return this.learn({ done, held: [] }, input.request.inputs);
  }

  private async ask(files: Files, { partial, ...options }: Options = {}) {
    const { signal } = new AbortController();
    const { store, stage, temporal } = this.stack;
    const staged = Object.keys(files).length === 0 ? [] : await stage(files);
    const inputs = await writeManifest(store, staged, signal, partial);
    const requestId = randomUUID();
    const { name: chain, connection, current, latest, unsettled, replacedJobs } = this;
    this.revision += 1;
    const input: RefreshInput = {
      request: { dbVendor: 'dbvhive', ...options, chain, connection, inputs, requestId },
      current,
      nextKey: randomUUID(),
      mayBeSubmitted: this.ran && current !== undefined && current.jobId === undefined,
      latest,
      unsettled,
      revision: this.revision,
      replacedJobs,
    };
    this.ran = true;
    // Other specs have chains of the same name on the same Temporal server.
    const chainId = `${chainWorkflowId(connection, chain)}-${temporal.taskQueue}`;
    const workflowId = refreshWorkflowId(chainId, requestId);
    this.lastWorkflowId = workflowId;
    return { input, workflowId };
  }

  private learn(run: RefreshRun, inputs: ManifestRef): RefreshRun {
    // Nothing bears the key that was drawn for it.
    const sentNothing = run.failure?.report?.submitted === 'no';
    if (sentNothing && this.current?.submits === 0) this.current = undefined;
    for (const { generation, candidate } of run.held) if (!candidate) this.current = generation;
    const { done } = run;
    if (done?.end === 'refreshed') {
      this.current = done.generation;
      this.latest = done.latest;
      this.revision = done.latest.revision;
      this.replacedJobs = done.replacedJobs;
      this.unsettled = [];
    } else if (done === undefined && !sentNothing) {
      this.unsettled = [...this.unsettled, inputs];
      const lost = run.held.flatMap(({ candidate, generation }) =>
        candidate && generation.jobId ? [generation.jobId] : [],
      );
      this.replacedJobs = [...new Set([...this.replacedJobs, ...lost])];
    }
    return run;
  }

  /** Submits so far. */
  submits(): number {
    return this.calls('submitPersistJob');
  }

  calls(endpoint: string): number {
    return this.service.service.calls.filter((call) => call.endpoint === endpoint).length;
  }

  /** The chain's jobs on the server, in the order in which they were made. */
  jobs() {
    return this.service.jobs().filter(({ jobName }) => jobName.startsWith(`${this.name}--`));
  }

  async memo(workflowId: string): Promise<Record<string, unknown>> {
    const { client } = this.stack.temporal;
    return (await client.workflow.getHandle(workflowId).describe()).memo ?? {};
  }

  async untilAsked(workflowId: string): Promise<ApprovalState> {
    const handle = this.stack.temporal.client.workflow.getHandle(workflowId);
    const ask = () => handle.query<ApprovalState | undefined>(approvalMessages.state);
    await until(async () => (await ask().catch(() => undefined)) !== undefined);
    return (await ask()) as ApprovalState;
  }

  answer(workflowId: string, approval: Approval): Promise<void> {
    const handle = this.stack.temporal.client.workflow.getHandle(workflowId);
    return handle.executeUpdate(approvalMessages.answer, { args: [approval] });
  }

  async put(key: string, content: string): Promise<void> {
    const place = `${chainFolder(this.connection, this.name)}/${key}`;
    const { signal } = new AbortController();
    await this.stack.store.put(place, Readable.from([content]), { format: 'text', signal });
  }

  async remove(uri: string): Promise<void> {
    await this.stack.store.remove(uri.replace('artifact:', ''), new AbortController().signal);
  }

  async untilAtWork(): Promise<void> {
    await until(async () =>
      Promise.resolve(this.jobs().some(({ status }) => status === 'process')),
    );
  }

  /** Keys below the folder of a revision, or of the chain. */
  async keys(revision?: number): Promise<readonly string[]> {
    const { connection, name } = this;
    const folder =
      revision === undefined
        ? chainFolder(connection, name)
        : revisionFolder(connection, name, revision);
    const keys = await this.stack.store.list(`${folder}/`, new AbortController().signal);
    return keys.map((key) => key.slice(folder.length + 1));
  }

  async json(key: string): Promise<unknown> {
    const uri = `artifact:${chainFolder(this.connection, this.name)}/${key}`;
    return JSON.parse(await this.stack.read({ uri, format: 'json', sizeBytes: 0, sha256: '' }));
  }
}

/** For what somebody else does to a job. */
export function clientOf(service: LocalSqlFlow): SqlFlowClient {
  return new SqlFlowClient({
    url: service.url,
    userId: 'demo',
    credential: { secretKey: 'demo-secret' },
  });
}

/** The result of a refresh that passed. */
export function passed(run: RefreshRun) {
  if (run.done?.end !== 'refreshed') throw new Error(JSON.stringify(run, undefined, 2));
  return run.done;
}
