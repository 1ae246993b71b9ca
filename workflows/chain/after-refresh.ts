import type {
  ChainGeneration,
  ChainRequest,
  ChainSettings,
  ChainState,
  JobHeld,
  ManifestRef,
  RefreshDone,
  RefreshInput,
  RefreshOutcome,
} from '../../src/contracts/chain';
import type { KillReport } from '../../src/contracts/job';
import type { CarriedChain } from './carried';
import { withOutcome } from './outcomes';
import type { BrokenRefresh } from './refresh-end';

/** More snapshots of unknown fate than this, and every file is sent. */
const mostUnsettled = 10;
/** Jobs whose deletion failed, time and again. */
const mostReplacedJobs = 200;

/** A job's id is kept as soon as it is known, whatever becomes of the refresh that made it. */
export function withJobHeld(chain: CarriedChain, held: JobHeld): CarriedChain {
  const { generation, candidate, requestId, kill, warnings } = held;
  if (chain.running?.requestId === requestId) {
    const told = { ...chain.told, ...(kill && { kill }), warnings };
    return candidate
      ? { ...chain, told: { ...told, candidate: generation } }
      : { ...chain, told, current: generation };
  }
  // The refresh was ended from outside, and its word came late.
  const { current, replacedJobs } = chain;
  const { jobId, key } = generation;
  if (jobId === undefined || jobId === current?.jobId) return chain;
  // Of another key: whose job that is nobody here can know, so it is not this chain's to delete.
  if (!candidate && key !== current?.key) return chain;
  if (!candidate && current?.jobId === undefined) return { ...chain, current: generation };
  return { ...chain, replacedJobs: withJob(replacedJobs, generation) };
}

/** The refresh came to its end: with a new revision, or because there was nothing to do. */
export function afterDone(
  chain: CarriedChain,
  { request }: RefreshInput,
  done: RefreshDone,
): CarriedChain {
  const after: CarriedChain =
    done.end === 'unchanged'
      ? chain
      : {
          ...chain,
          current: done.generation,
          latest: done.latest,
          revision: Math.max(chain.revision, done.latest.revision),
          unsettled: [],
          replacedJobs: done.replacedJobs.slice(-mostReplacedJobs),
        };
  return withOutcome(after, {
    ...begun(chain, request),
    end: done.end,
    generation: after.current?.generation ?? 0,
    jobId: after.current?.jobId,
    files: done.files,
    warnings: done.warnings,
    ...(done.end === 'refreshed'
      ? { revision: done.latest.revision, lineage: done.counts, result: done.result }
      : {}),
  });
}

/** The refresh brought nothing. What it may have sent is remembered, so that it is sent again. */
export function afterBroken(
  chain: CarriedChain,
  input: RefreshInput,
  broken: BrokenRefresh,
): CarriedChain {
  const { request } = input;
  const { end, error, report, progress, sentNothing } = broken;
  const { candidate, kill: toldKill, warnings = [] } = chain.told ?? {};
  const after: CarriedChain = {
    ...chain,
    replacedJobs: candidate ? withJob(chain.replacedJobs, candidate) : chain.replacedJobs,
    ...(sentNothing
      ? { current: currentUnsent(chain, input) }
      : {
          current: currentAfter(chain, input),
          revision: Math.max(chain.revision, input.revision),
          unsettled: withSnapshot(chain.unsettled, request.inputs),
        }),
  };
  const generation = candidate ?? after.current;
  const outcome: RefreshOutcome = {
    ...begun(chain, request),
    end,
    generation: generation?.generation ?? 0,
    jobId: generation?.jobId,
    ...(sentNothing
      ? {}
      : { revision: input.revision, files: progress?.files, lineage: progress?.lineage }),
    warnings,
    error,
  };
  const cancelled = end === 'cancelled' ? leftRunning(outcome, sentNothing) : undefined;
  const kill = report?.kill ?? toldKill ?? cancelled;
  return withOutcome(after, outcome, { ...(report && { report }), ...(kill && { kill }) });
}

export function settingsOf(request: ChainSettings): ChainSettings {
  const { dbVendor, defaultDatabase, defaultSchema } = request;
  return { dbVendor, defaultDatabase, defaultSchema };
}

/** A generation that was only planned is none: nothing bears its key. */
function currentUnsent(
  { current }: CarriedChain,
  input: RefreshInput,
): ChainGeneration | undefined {
  return current?.jobId === undefined ? input.current : current;
}

/** A submit of unknown outcome bears the key: a later refresh finds the job by it. */
function currentAfter(chain: CarriedChain, input: RefreshInput): ChainGeneration {
  const { current } = chain;
  if (current === undefined) {
    return { generation: 1, key: input.nextKey, settings: settingsOf(input.request), submits: 0 };
  }
  // One that was told of meanwhile has counted this submit.
  const counted = current !== input.current;
  return counted ? current : { ...current, submits: current.submits + 1 };
}

function withSnapshot(
  unsettled: ChainState['unsettled'],
  inputs: ManifestRef,
): ChainState['unsettled'] {
  if (unsettled === 'all') return 'all';
  const known = unsettled.some(({ artifact }) => artifact.sha256 === inputs.artifact.sha256);
  if (known) return unsettled;
  return unsettled.length < mostUnsettled ? [...unsettled, inputs] : 'all';
}

function withJob(
  jobIds: readonly string[],
  { jobId, adopted }: ChainGeneration,
): readonly string[] {
  if (jobId === undefined || adopted === true || jobIds.includes(jobId)) return jobIds;
  return [...jobIds, jobId].slice(-mostReplacedJobs);
}

function leftRunning({ jobId }: RefreshOutcome, sentNothing: boolean): KillReport {
  if (sentNothing) {
    return { outcome: 'nothingToKill', evidence: 'nothing had been sent to the service' };
  }
  return {
    outcome: 'abandoned',
    remoteId: jobId,
    evidence:
      "a chain's job is never deleted on cancel; if the refresh had submitted, the service works on with it",
  };
}

function begun(
  chain: CarriedChain,
  { requestId, scheduledAtMs }: ChainRequest,
): Pick<RefreshOutcome, 'requestId' | 'scheduledAtMs' | 'startedAtMs' | 'endedAtMs'> {
  const nowMs = Date.now();
  return {
    requestId,
    scheduledAtMs,
    startedAtMs: chain.running?.sinceMs ?? nowMs,
    endedAtMs: nowMs,
  };
}
