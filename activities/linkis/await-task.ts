import { setTimeout as sleep } from 'node:timers/promises';
import { VendorError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { linkisStatus } from '../../src/clients/linkis/status';
import { failureTypes } from '../../src/contracts/failure-types';
import type { EndedJob, JobProgress } from '../../src/contracts/job';
import type { LinkisAwaitTaskInput } from '../../src/contracts/linkis-steps';
import type { Watcher } from '../../src/watch/watcher';
import type { AtOnce } from '../at-once';
import { definiteFailure } from '../failure';
import type { LiveBudget } from '../live-budget';
import type { ActivitySession } from '../session';
import { waitForEnd } from '../waiting';
import type { ActivityResources } from '../resources';
import { withoutSecrets } from '../without-secrets';
import type { Entrances } from './entrances';
import { LiveFigures } from './live-figures';
import { LostTaskWatch } from './lost-task';
import { mayBeRetried, retryWithinMs } from './retried-failure';
import type { SeenTask } from './seen-task';
import { taskIfKnown } from './watch-source';

/**
 * A wait that another worker began leaves its live figures for so long, in milliseconds: where a
 * thousand are handed over, each is to be looked at first.
 */
const liveAfterMs = 5000;

/** What waits for the tasks of one connection and user. */
export interface LinkisWatch {
  readonly client: LinkisClient;
  readonly watcher: Watcher<SeenTask>;
  /** Rows that waits ask for by themselves, besides the looks: ten thousand ends leave room for a kill. */
  readonly few: AtOnce;
  readonly entrances: Entrances;
  readonly live: LiveBudget;
  readonly lostAfterMs: number;
}

/** Waits for one Linkis task; only jobhistory ends it, never what an entrance has in memory. */
export async function awaitLinkisTask(
  { client, watcher, few, entrances, live: liveBudget, lostAfterMs }: LinkisWatch,
  resources: Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>,
  input: LinkisAwaitTaskInput,
  session: ActivitySession,
): Promise<EndedJob> {
  const { secrets } = resources;
  const ownRow = (signal: AbortSignal) =>
    few.run(
      input.taskId,
      () => taskIfKnown(client, input.taskId, { signal, user: input.user }),
      signal,
    );
  const turns = liveBudget.join();
  const left = session.lastDetails<JobProgress>();
  const liveFromMs = left === undefined ? 0 : performance.now() + liveAfterMs;
  const lost = new LostTaskWatch(client, entrances, input, lostAfterMs, left);
  const live = new LiveFigures(client, input, resources, session.folder);
  try {
    return await waitForEnd<SeenTask, EndedJob>(session, {
      watcher,
      id: input.taskId,
      kind: input.kind,
      title: `Linkis task ${input.taskId}`,
      submittedAtMs: input.submittedAtMs,
      deadlineAtMs: input.deadlineAtMs,
      progressOf(task) {
        const { status, progress } = task;
        return { status, progress, unchanged: lost.note(task) };
      },
      async endOf(listed, signal) {
        if (outcomeOf(listed) === undefined) {
          const evidence = await lost.evidence(listed, signal);
          if (evidence === undefined) return undefined;
          throw definiteFailure(
            failureTypes.lost,
            `Linkis task ${input.taskId} is lost: ${evidence}`,
          );
        }
        const task = await surelyEnded(listed, () => ownRow(signal), signal);
        const outcome = task && outcomeOf(task);
        if (task === undefined || outcome === undefined) return undefined;
        return {
          outcome,
          status: task.status,
          endedAtMs: Date.now(),
          errorCode: task.errorCode,
          canRetry: task.canRetry === true ? true : undefined,
          errorMessage:
            task.errorMessage && (await withoutSecrets(task.errorMessage, secrets)).slice(0, 700),
        };
      },
      async stillThere(signal) {
        return (await ownRow(signal)) ?? 'gone';
      },
      live: (task) =>
        performance.now() >= liveFromMs && turns.has()
          ? (signal) => live.read(task, signal)
          : undefined,
      isRefusal: (error) => error instanceof VendorError && error.kind === 'auth',
    });
  } finally {
    turns.leave();
  }
}

/**
 * The row as it is at the end. Whichever way it was asked for, it is jobhistory's own; what failed is
 * asked for by itself, which tells more of it, and twice where the service may yet take it back.
 */
async function surelyEnded(
  row: SeenTask,
  ownRow: () => Promise<SeenTask | undefined>,
  signal: AbortSignal,
): Promise<SeenTask | undefined> {
  if (outcomeOf(row) !== 'failed') return row;
  const task = await ownRow();
  if (task === undefined || !mayBeRetried(task)) return task;
  await sleep(retryWithinMs, undefined, { signal });
  return await ownRow();
}

function outcomeOf(task: SeenTask): EndedJob['outcome'] | undefined {
  const status = linkisStatus(task.status);
  const ended =
    status === 'succeeded' ||
    status === 'failed' ||
    status === 'cancelled' ||
    status === 'timedOut';
  return ended ? status : undefined;
}
