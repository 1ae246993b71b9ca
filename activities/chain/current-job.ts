import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { RefreshInput } from '../../src/contracts/chain';
import { lookForLateEffect } from '../late-effect';
import { isAtWork, revisionOf, sameRevision } from '../sqlflow/revision';
import { findAllByKey } from '../sqlflow/submission';
import { summaryIfKnown } from '../sqlflow/watch-source';

/** The job of a chain's present generation, as the service shows it before a refresh. */
export type CurrentJob =
  | {
      readonly kind: 'there';
      readonly jobId: string;
      /** True where the chain doesn't know this jobId yet. */
      readonly isNew: boolean;
      /** Other jobs that bear the generation's key: copies that an uncertain submit made. */
      readonly copies: readonly string[];
      readonly warnings: readonly string[];
    }
  /** The service knows the jobId no more. */
  | { readonly kind: 'gone'; readonly jobId: string }
  /** No submit of the generation is known to have taken effect. */
  | { readonly kind: 'none' };

export async function lookAtCurrentJob(
  client: SqlFlowClient,
  installation: string,
  input: RefreshInput,
  signal: AbortSignal,
): Promise<CurrentJob> {
  const { current } = input;
  if (current === undefined) return { kind: 'none' };
  const { jobId, key, adopted } = current;
  if (jobId === undefined) {
    if (!input.mayBeSubmitted) return { kind: 'none' };
    const [first, ...others] = await findAllByKey(client, installation, key, signal);
    if (first === undefined) return { kind: 'none' };
    return {
      kind: 'there',
      jobId: first.jobId,
      isNew: true,
      copies: others.map((job) => job.jobId),
      warnings: [
        `an earlier refresh had made SQLFlow job ${first.jobId} without learning of it: the chain goes on with it`,
      ],
    };
  }
  // A list or a replica that is behind for a moment must not cost a generation.
  const job = await lookForLateEffect(() => summaryIfKnown(client, jobId, signal), signal);
  if (job !== undefined && sqlflowStatus(job.status) !== 'deleted') {
    const warnings = otherWriter(job, input);
    return { kind: 'there', jobId, isNew: false, copies: [], warnings };
  }
  const [moved, ...others] = adopted ? [] : await findAllByKey(client, installation, key, signal);
  if (moved === undefined || others.length > 0) return { kind: 'gone', jobId };
  return {
    kind: 'there',
    jobId: moved.jobId,
    isNew: true,
    copies: [],
    warnings: [
      `SQLFlow knows job ${jobId} no more, and has the chain's job under ${moved.jobId}: the chain goes on with that one`,
    ],
  };
}

/** Tells of runs of the job that were none of ours, as far as its marks show. */
function otherWriter(job: SqlFlowJob, { latest, unsettled, current }: RefreshInput): string[] {
  const isOurs =
    latest?.mark === undefined ||
    latest.generation !== current?.generation ||
    // A refresh that failed since may be what moved it.
    unsettled === 'all' ||
    unsettled.length > 0;
  if (isOurs || (sameRevision(revisionOf(job), latest.mark) && !isAtWork(job.status))) return [];
  return [
    `somebody else ran SQLFlow job ${job.jobId} since revision ${latest.revision} (${moves(job, latest.mark)}): it may hold lineage that is not the chain's. What the chain sends next goes on top; a rebuild makes the job anew`,
  ];
}

function moves(job: SqlFlowJob, mark: NonNullable<RefreshInput['latest']>['mark']): string {
  const now = revisionOf(job);
  const told = [
    now.sessionId === mark?.sessionId ? [] : ['another session'],
    now.lastExecuteTime === mark?.lastExecuteTime ? [] : [`executed ${now.lastExecuteTime}`],
    now.subJobs === mark?.subJobs ? [] : [`${now.subJobs} runs instead of ${mark?.subJobs}`],
    isAtWork(job.status) ? [`status ${job.status}`] : [],
  ];
  return told.flat().join(', ').slice(0, 100);
}
