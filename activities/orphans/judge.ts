import type { JobUnderWay } from '../../src/contracts/orphans';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { isOver, openQuery } from '../../src/contracts/workflow-status';
import { shortKeyOf } from '../sqlflow/job-name';
import { ownerHash, type OwnerRun, type Owners } from './owners';
import type { Candidate } from './candidate';

/** What became of a job's workflow. `cared` jobs have one that is open, or are followed by another. */
export type Verdict =
  | { readonly kind: 'cared' }
  | {
      readonly kind: 'orphan' | 'abandoned' | 'unjudged';
      readonly reason: string;
      readonly workflowId?: string;
      /** Temporal has no trace of the workflow. */
      readonly unknown?: boolean;
    };

const cared: Verdict = { kind: 'cared' };

/** The workflows that are open, as far as they concern the jobs in question. */
export interface OpenWorkflows {
  readonly byHash: ReadonlyMap<string, readonly OwnerRun[]>;
  /** Remote jobs that some open workflow holds or follows. */
  readonly followed: ReadonlySet<string>;
  readonly complete: boolean;
  /** Whether the run that asks is among them: else the list lags behind. */
  readonly listsAsker: boolean;
}

export async function openWorkflows(
  owners: Owners,
  candidates: readonly Candidate[],
  asker: string,
): Promise<OpenWorkflows> {
  const hashes = new Set(candidates.map(({ owner }) => owner));
  const byHash = new Map<string, OwnerRun[]>();
  const followed = new Set<string>();
  let listsAsker = false;
  const { complete } = await owners.each(openQuery, async (id, run) => {
    if (id === asker) listsAsker = true;
    const { memo } = await run();
    if (memo?.remoteId !== undefined) {
      followed.add(idOn(memo.vendor, memo.connection, memo.remoteId));
    }
    const hash = ownerHash(id);
    if (hashes.has(hash)) byHash.set(hash, [...(byHash.get(hash) ?? []), await run()]);
  });
  return { byHash, followed, complete, listsAsker };
}

/** The closed runs of the jobs' workflows: a job's name holds only a hash of their id. */
export async function closedWorkflows(owners: Owners, candidates: readonly Candidate[]) {
  const byHash = new Map<string, OwnerRun[]>(candidates.map(({ owner }) => [owner, []]));
  if (byHash.size === 0) return { byHash, complete: true };
  const { complete } = await owners.each("ExecutionStatus != 'Running'", async (id, run) => {
    byHash.get(ownerHash(id))?.push(await run());
  });
  return { byHash, complete };
}

/** True where an open workflow has the job. */
export function hasOpenOwner(job: Candidate, open: OpenWorkflows): boolean {
  const names = job.connections.map((name) => idOn(job.vendor, name, job.remoteId));
  if (names.some((name) => open.followed.has(name))) return true;
  return (open.byHash.get(job.owner) ?? []).some(
    ({ workflowId }) => job.workflowId === undefined || job.workflowId === workflowId,
  );
}

/**
 * Judges a job that no open workflow was listed for.
 *
 * @param closedRuns the runs that may have submitted it, as far as a list shows them
 * @param complete whether that list went to its end
 */
export async function judge(
  owners: Owners,
  job: Candidate,
  closedRuns: readonly OwnerRun[],
  complete: boolean,
): Promise<Verdict> {
  if (job.doubt !== undefined) return { kind: 'unjudged', reason: job.doubt };
  const ids = new Set(closedRuns.map(({ workflowId }) => workflowId));
  if (job.workflowId !== undefined) ids.add(job.workflowId);
  const latest: OwnerRun[] = [];
  for (const workflowId of ids) {
    const run = await owners.latest(workflowId);
    if (run !== undefined) latest.push(run);
  }
  // The list may lag behind; and a newer run of the same id may hold the job, whatever its key.
  if (latest.some((run) => !isOver(run.status))) return cared;
  const [owner] = latest;
  if (owner === undefined && !complete && job.workflowId === undefined) {
    return {
      kind: 'unjudged',
      reason: 'Temporal lists more closed workflows than were looked through',
    };
  }
  const runs = [...latest, ...closedRuns];
  const own = runs.find(({ memo }) => memo?.key !== undefined && isKeyOf(memo, job));
  const workflowId = own?.workflowId ?? owner?.workflowId ?? job.workflowId;
  const left = leftOnPurpose(job, own?.memo);
  if (left !== undefined) return { kind: 'abandoned', reason: left, workflowId };
  if (owner === undefined) {
    return { kind: 'orphan', reason: 'Temporal knows no such workflow', workflowId, unknown: true };
  }
  const completed = runs.some(
    ({ status, memo }) => status === 'COMPLETED' && memo?.remoteId === job.remoteId,
  );
  if (completed) {
    // A status that is behind, or somebody ran the job again: not what the workflow left behind.
    const reason = `its workflow saw it end and completed, yet the service says ${job.status}`;
    return { kind: 'unjudged', reason, workflowId };
  }
  return {
    kind: 'orphan',
    reason: `its workflow is closed (${owner.status.toLowerCase().replace('_', ' ')})`,
    workflowId,
  };
}

function leftOnPurpose(job: Candidate, memo: RemoteJobMemo | undefined): string | undefined {
  if (job.persist)
    return 'a persist job holds the lineage of its earlier runs: it is never deleted';
  if (memo?.kill?.outcome === 'abandoned') return `its workflow left it: ${memo.kill.evidence}`;
  return undefined;
}

function isKeyOf({ key }: RemoteJobMemo, job: Candidate): boolean {
  return key !== undefined && shortKeyOf(key) === job.shortKey;
}

/** What a person is told of a job. */
export function told(job: Candidate, verdict: Exclude<Verdict, { kind: 'cared' }>): JobUnderWay {
  const { vendor, connection, user, remoteId, name, status, shortKey } = job;
  const { reason, workflowId = job.workflowId } = verdict;
  return {
    vendor,
    connection,
    user,
    remoteId,
    name,
    status,
    workflowId,
    shortKey,
    reason: reason.slice(0, 500),
  };
}

/** Linkis counts its tasks from 1 on every server; SQLFlow's ids are unique. */
function idOn(vendor: string, connection: string, remoteId: string): string {
  return vendor === 'linkis' ? `${vendor} ${connection} ${remoteId}` : `${vendor} ${remoteId}`;
}
