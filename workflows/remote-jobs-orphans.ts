import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { OrphanActivities } from '../activities/orphans/create';
import type { KillReport } from '../src/contracts/job';
import {
  killsPerRun,
  type OrphanedJob,
  type OrphansInput,
  type OrphansReport,
} from '../src/contracts/orphans';
import { jobNouns } from '../src/contracts/names';
import type { NotifyEvent } from '../src/contracts/notify';
import { firstWords } from './engine/failure-words';
import { notify } from './engine/notify';
import { guardSize } from './engine/size-guard';

/** Each kill waits for its proof, up to two minutes. */
const killsAtOnce = 8;

const { remoteJobsFindOrphans } = proxyActivities<OrphanActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
});

const { remoteJobsKillOrphan } = proxyActivities<OrphanActivities>({
  startToCloseTimeout: '3m',
  heartbeatTimeout: '20s',
  // Bounded by time: what was found to be an orphan is not killed hours later.
  scheduleToCloseTimeout: '15m',
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '10s',
    maximumAttempts: 10,
  },
});

/**
 * Finds this installation's remote jobs that are under way although their workflow is definitely
 * closed, or unknown to Temporal; with `kill` it ends them, at most 200 in one run.
 */
export async function remoteJobsOrphans(input: OrphansInput = {}): Promise<OrphansReport> {
  const { notifies, ...found } = await remoteJobsFindOrphans(input);
  if (input.kill !== true) {
    await notifyOfOrphans(notifies, found.orphans);
    return guardSize("the workflow's result", found);
  }
  const orphans: OrphanedJob[] = [...found.orphans];
  const due = [...orphans.keys()].slice(0, killsPerRun).values();
  const lane = async () => {
    for (const index of due) {
      const orphan = orphans[index];
      if (orphan !== undefined) orphans[index] = { ...orphan, kill: await killed(orphan) };
    }
  };
  await Promise.all(Array.from({ length: killsAtOnce }, lane));
  await notifyOfOrphans(notifies, orphans);
  return guardSize("the workflow's result", { ...found, orphans });
}

async function notifyOfOrphans(
  wanted: readonly NotifyEvent[] | undefined,
  orphans: readonly OrphanedJob[],
): Promise<void> {
  if (orphans.length === 0) return;
  const named = orphans
    .slice(0, 10)
    .map(({ vendor, remoteId, connection, kill }) =>
      [`${jobNouns[vendor]} ${remoteId} on ${connection}`, kill && `kill ${kill.outcome}`]
        .filter(Boolean)
        .join(', '),
    );
  if (orphans.length > named.length) named.push('…');
  const next = orphans.every(({ kill }) => kill !== undefined)
    ? undefined
    : 'remote-jobs orphans --kill';
  const subject = `${orphans.length} remote jobs that no workflow waits for`;
  await notify(wanted, { event: 'orphans', subject, message: named.join('; '), next });
}

/** A kill that fails is a report: the others go on. */
async function killed(orphan: OrphanedJob): Promise<KillReport> {
  try {
    return await remoteJobsKillOrphan(orphan);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const evidence = `the kill could not be carried out: ${firstWords(error)}`.slice(0, 500);
    return { outcome: 'unconfirmed', remoteId: orphan.remoteId, evidence };
  }
}
