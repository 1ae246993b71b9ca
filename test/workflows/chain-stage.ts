import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { WithStartWorkflowOperation, type Workflow } from '@temporalio/client';
import {
  chainMessages,
  chainWorkflowId,
  refreshWorkflowId,
  type ChainRefreshInput,
  type ChainRequest,
  type ChainState,
  type ManifestRef,
  type RefreshAnswer,
  type RefreshInput,
  type RefreshOutcome,
} from '../../src/contracts/chain';
import { chainWorkflowTypes } from '../../src/contracts/chain-asking';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { chainState, forgetChain, listChains, requestRefresh } from '../../src/starter/chains';
import { awaitOutcome, type JobOutcome } from '../../src/starter/outcome';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import type { Told } from './fixtures/told-refresh';

/** Of this spec alone: chains of one name on one connection are one chain, and specs share Temporal. */
export const connection = `sqlflow-${randomUUID().slice(0, 8)}`;

/** Chains on a real Temporal server, whose refreshes end as a test tells them to. */
export class ChainStage {
  private constructor(
    readonly stack: JobStack,
    readonly sqlflow: LocalSqlFlow,
  ) {}

  static async open(): Promise<ChainStage> {
    const sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0 });
    process.env.SQLFLOW_CHAIN_KEY = 'demo-secret';
    const workflowsPath = path.join(__dirname, 'fixtures/told-refresh.ts');
    const { url } = sqlflow;
    const secretKey = { env: 'SQLFLOW_CHAIN_KEY' };
    const stack = await jobStack(
      { [connection]: { type: 'sqlflow', url, userId: 'demo', secretKey } },
      {},
      { workflowsPath },
    );
    return new ChainStage(stack, sqlflow);
  }

  chain(name: string): StagedChain {
    return new StagedChain(this, name);
  }

  get client() {
    return this.stack.temporal.client;
  }

  /** Ends the chains, so that all their runs are replayed. */
  async close(): Promise<void> {
    const { taskQueue } = this.stack.temporal;
    for await (const chain of listChains(this.client)) {
      if (chain.taskQueue !== taskQueue) continue;
      await forgetChain(this.client, connection, chain.name, { force: true }).catch(
        () => undefined,
      );
    }
    await this.stack.close();
    await this.sqlflow.close();
  }
}

export class StagedChain {
  readonly workflowId: string;

  constructor(
    private readonly stage: ChainStage,
    readonly name: string,
  ) {
    this.workflowId = chainWorkflowId(connection, name);
  }

  /** Asks for a refresh; `manner` says how the refresh goes about it, see told-refresh.ts. */
  async ask(manner: object = {}, more: Partial<ChainRefreshInput> = {}): Promise<AskedRefresh> {
    const { client, stack } = this.stage;
    const { taskQueue } = stack.temporal;
    const input = { ...this.input(manner), ...more };
    const handle = await requestRefresh(client, input, { taskQueue });
    return new AskedRefresh(this.stage, this, handle.workflowId, handle.firstExecutionRunId);
  }

  /** Asks as an activity does, with an id of one's own choice. */
  async askWithId(requestId: string, more: Partial<ChainRefreshInput> = {}) {
    const { client, stack } = this.stage;
    const request: ChainRequest = { ...this.input({}), ...more, requestId };
    return client.workflow.executeUpdateWithStart<Workflow, RefreshAnswer, [ChainRequest]>(
      chainMessages.refresh,
      {
        args: [request],
        updateId: randomUUID(),
        startWorkflowOperation: new WithStartWorkflowOperation(chainWorkflowTypes.chain, {
          workflowId: this.workflowId,
          taskQueue: stack.temporal.taskQueue,
          args: [{ connection, name: this.name }],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      },
    );
  }

  state(): Promise<ChainState> {
    return chainState(this.stage.client, connection, this.name);
  }

  private input(manner: object): ChainRefreshInput {
    return {
      connection,
      chain: this.name,
      dbVendor: 'dbvhive',
      defaultDatabase: JSON.stringify(manner),
      inputs: snapshot('a'),
    };
  }

  async until(condition: (state: ChainState) => boolean): Promise<void> {
    await until(async () => {
      const state = await this.state().catch(() => undefined);
      return state !== undefined && condition(state);
    });
  }
}

export class AskedRefresh {
  constructor(
    private readonly stage: ChainStage,
    private readonly chain: StagedChain,
    /** The asker's; cancelling it takes the request back. */
    readonly workflowId: string,
    readonly requestId: string,
  ) {}

  outcome(): Promise<JobOutcome<RefreshOutcome>> {
    return awaitOutcome<RefreshOutcome>(this.stage.client, this.workflowId);
  }

  async cancel(): Promise<void> {
    await this.stage.client.workflow.getHandle(this.workflowId).cancel();
  }

  get refresh() {
    const workflowId = refreshWorkflowId(this.chain.workflowId, this.requestId);
    return this.stage.client.workflow.getHandle(workflowId);
  }

  async input(): Promise<RefreshInput> {
    return this.refresh.query<RefreshInput, []>('input');
  }

  async untilRunning(): Promise<void> {
    await this.chain.until(({ running }) => running?.requestId === this.requestId);
    await until(async () =>
      this.input().then(
        () => true,
        () => false,
      ),
    );
  }

  async untilQueued(): Promise<void> {
    await this.chain.until(({ queue }) =>
      queue.some(({ requestId }) => requestId === this.requestId),
    );
  }

  async tell(word: Told): Promise<void> {
    await this.refresh.signal<[Told]>('told', word);
  }
}

/** A snapshot of files that nobody reads. */
export function snapshot(content: string): ManifestRef {
  const artifact = {
    uri: `artifact:m/${content}`,
    format: 'json' as const,
    sizeBytes: 1,
    sha256: content,
  };
  return { artifact, files: 1, sizeBytes: 1 };
}
