import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { failureTypes } from '../../src/contracts/failure-types';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { remoteJobMemoKey } from '../../src/contracts/names';
import { passingFailure } from '../failure';
import type { ActivitySession } from '../session';
import { ownerMark } from '../sqlflow/job-name';

/** A workflow run, as far as it matters to whoever asks whose a remote job is. */
export interface OwnerRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's word: RUNNING, COMPLETED, …; of a run that was only listed, COMPLETED or OTHER. */
  readonly status: string;
  readonly memo?: RemoteJobMemo;
}

export interface OwnerList {
  /** False where there were more runs than are looked through. */
  readonly complete: boolean;
}

type Listed = NonNullable<
  Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>['executions']
>[number];

const pageSize = 1000;
const mostPages = 1000;
/** `WORKFLOW_EXECUTION_STATUS_COMPLETED` */
const completedStatus = 2;

/**
 * What Temporal says of workflows. Whatever goes wrong while it is asked is a failure: half an
 * answer would make orphans of jobs that somebody waits for.
 */
export class Owners {
  private readonly client = Context.current().client;

  constructor(private readonly session: ActivitySession) {}

  /** Goes through all runs that a query finds; each look may be a moment behind. */
  async each(
    query: string,
    visit: (workflowId: string, run: () => Promise<OwnerRun>) => Promise<void>,
  ): Promise<OwnerList> {
    let nextPageToken: Uint8Array | undefined;
    for (let page = 0; page < mostPages; page++) {
      const answer = await this.asked(() =>
        this.client.workflowService.listWorkflowExecutions({
          namespace: this.client.options.namespace,
          query,
          pageSize,
          nextPageToken,
        }),
      );
      for (const listed of answer.executions ?? []) {
        await visit(listed.execution?.workflowId ?? '', () => this.runOf(listed));
      }
      nextPageToken = answer.nextPageToken ?? undefined;
      if (nextPageToken === undefined || nextPageToken.length === 0) return { complete: true };
    }
    return { complete: false };
  }

  /** The latest run of a workflow, as the server itself knows it; undefined where it knows none. */
  async latest(workflowId: string): Promise<OwnerRun | undefined> {
    return this.asked(async () => {
      try {
        const { runId, status, memo } = await this.client.workflow.getHandle(workflowId).describe();
        const job = memo?.[remoteJobMemoKey] as RemoteJobMemo | undefined;
        return { workflowId, runId, status: status.name, memo: job };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    });
  }

  private async runOf({ execution, status, memo }: Listed): Promise<OwnerRun> {
    return {
      workflowId: execution?.workflowId ?? '',
      runId: execution?.runId ?? '',
      status: Number(status) === completedStatus ? 'COMPLETED' : 'OTHER',
      memo: await this.decoded(memo?.fields?.[remoteJobMemoKey]),
    };
  }

  /** A memo that can't be read, say another deployment's encrypted one, says nothing of our jobs. */
  private async decoded(payload: Payload | undefined): Promise<RemoteJobMemo | undefined> {
    if (payload === undefined) return undefined;
    const { payloadCodecs, payloadConverter } = this.client.options.loadedDataConverter;
    try {
      let payloads = [payload];
      for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
      return payloads.map((one) => payloadConverter.fromPayload<RemoteJobMemo>(one))[0];
    } catch {
      return undefined;
    }
  }

  private async asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.session.untilAborted(ask());
    } catch (error) {
      this.session.signal.throwIfAborted();
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const words = cause instanceof Error ? cause.message : String(cause);
      throw passingFailure(
        failureTypes.temporalUnavailable,
        `Temporal could not be asked which workflows are closed (${words}), so no job was judged and none killed`,
      );
    }
  }
}

/** The hash under which a workflow id stands in a job's name. */
export function ownerHash(workflowId: string): string {
  return ownerMark({ installation: '', namespace: '', workflowId }).workflow;
}
