import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { isTerminalLinkisStatus, linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { KillReport } from '../../src/contracts/job';
import type { ActivitySession } from '../session';
import { sourceKeys } from './submission';
import { taskIfKnown } from './watch-source';

/** How long jobhistory may take to give a queued task its execID, or to say that a killed one has ended. */
const proofWithinMs = 60_000;
const askEveryMs = 300;
/** The entrance hands an execID out again after a restart; newer rows are looked through this far. */
const newestRows = 200;
/** Words of rows that bear an execID and have not ended; compared with case by the service. */
const atWork = ['Scheduled', 'Running', 'WaitForRetry'];

/** Set before a kill is sent, so that an attempt after a crash reads its own kill as a kill. */
interface KillCheckpoint {
  readonly sentFor?: string;
  /** The row's keys before the kill: a Forced Kill destroys them, which is how it is recognised. */
  readonly hadSource?: boolean;
}

export interface TaskToKill {
  readonly taskId: string;
  readonly user: string;
  /** As submit answered it: a queued row has none yet. */
  readonly execId?: string;
}

/**
 * Kills a task so that the end is proven: the row is read first, an execID that a newer task bears
 * is never killed, and jobhistory must be terminal afterwards.
 */
export async function killLinkisTask(
  client: LinkisClient,
  target: TaskToKill,
  session: ActivitySession,
): Promise<KillReport> {
  const { taskId, user } = target;
  const { signal } = session;
  const call = { signal, user };
  const left = session.lastDetails<KillCheckpoint>();
  const ended = (task: LinkisTask) => isTerminalLinkisStatus(task.status);
  // An adopted task that still queues can't be addressed yet; left alone, it would run later.
  const before = await untilTask(
    client,
    target,
    signal,
    (task) => ended(task) || (task.execId ?? target.execId) !== undefined,
  );
  if (before === undefined) {
    return report(taskId, 'unconfirmed', 'jobhistory does not know the task, so nothing was sent');
  }

  const sentBefore = left?.sentFor === taskId;
  if (ended(before)) {
    if (sentBefore) return proof(before, left.hadSource === true);
    return report(
      taskId,
      'alreadyFinished',
      `jobhistory had it as ${before.status} before any kill was sent`,
      before.status,
    );
  }
  const execId = before.execId ?? target.execId;
  if (execId === undefined) {
    return report(
      taskId,
      'unconfirmed',
      `the task is queued and got no execID within ${proofWithinMs / 1000} s, so there was nothing to send a kill to; it may run later`,
      before.status,
    );
  }
  const newer = await newerOwner(client, before, execId, call);
  if (newer !== undefined) {
    return report(
      taskId,
      'unconfirmed',
      `its execID now belongs to task ${newer.taskId}, so no kill was sent: the entrance restarted, and task ${taskId} is lost`,
      before.status,
    );
  }

  const hadSource = Object.hasOwn(before.source, sourceKeys.key);
  await session.remember({ sentFor: taskId, hadSource } satisfies KillCheckpoint);
  const refusal = await sendKill(client, execId, taskId, call);
  const after = await untilTask(client, target, signal, ended);
  if (after === undefined || !ended(after)) {
    return report(
      taskId,
      'unconfirmed',
      `the kill was ${refusal === undefined ? 'accepted' : `refused (${refusal})`}, but after ${proofWithinMs / 1000} s jobhistory still has ${after?.status ?? 'no such task'}`,
      after?.status,
    );
  }
  // A kill of an earlier attempt may be why there is nothing left to kill.
  if (refusal !== undefined && !sentBefore) {
    return report(
      taskId,
      'alreadyFinished',
      `the entrance refused the kill (${refusal}), and jobhistory has ${after.status}`,
      after.status,
    );
  }
  return proof(after, hadSource);
}

/** A newer row with the same execID: the entrance restarted and counts from 0 again. */
async function newerOwner(
  client: LinkisClient,
  task: LinkisTask,
  execId: string,
  call: { readonly signal: AbortSignal; readonly user: string },
): Promise<LinkisTask | undefined> {
  const newerRows = {
    startDateMs: task.createdAtMs ?? 0,
    endDateMs: Date.now() + 24 * 3600_000,
    pageSize: newestRows,
  };
  const newest = await client.listTasks(newerRows, call);
  // Behind the newest rows only those matter that a kill could hit: few, however many have ended.
  const hittable =
    newest.total > newestRows
      ? await client.listTasks({ ...newerRows, status: atWork }, call)
      : newest;
  return [...newest.tasks, ...hittable.tasks].find(
    (row) =>
      Number(row.taskId) > Number(task.taskId) &&
      // Not by `strongerExecId`, which is the same for all that queue: it ends in `null`.
      row.execId === execId,
  );
}

/** Sends the kill; answers the entrance's refusal where it gives one. */
async function sendKill(
  client: LinkisClient,
  execId: string,
  taskId: string,
  call: { readonly signal: AbortSignal; readonly user: string },
): Promise<string | undefined> {
  try {
    await client.kill(execId, { taskId }, call);
    return undefined;
  } catch (error) {
    // A 400 is how a task is refused that ended in the meantime; jobhistory decides.
    if (error instanceof VendorError && error.kind !== 'busy' && error.kind !== 'auth') {
      return error.serviceMessage;
    }
    if (error instanceof HttpError && error.status < 500 && error.status !== 429) {
      return error.serviceMessage;
    }
    throw error;
  }
}

/** The task's row once it is as far as asked, or when the time is up. */
async function untilTask(
  client: LinkisClient,
  { taskId, user }: TaskToKill,
  signal: AbortSignal,
  isFarEnough: (task: LinkisTask) => boolean,
): Promise<LinkisTask | undefined> {
  const untilMs = Date.now() + proofWithinMs;
  for (;;) {
    const task = await taskIfKnown(client, taskId, user, signal);
    if (task === undefined || isFarEnough(task) || Date.now() >= untilMs) return task;
    await sleep(askEveryMs, undefined, { signal });
  }
}

function proof(after: LinkisTask, hadSource: boolean): KillReport {
  if (hadSource && !Object.hasOwn(after.source, sourceKeys.key)) {
    return report(
      after.taskId,
      'unconfirmed',
      'no entrance held the task, so the service only flipped its row (a Forced Kill): the engine may run on',
      after.status,
    );
  }
  if (linkisStatus(after.status) !== 'cancelled') {
    return report(
      after.taskId,
      'alreadyFinished',
      `it ended as ${after.status} while the kill was under way`,
      after.status,
    );
  }
  return report(
    after.taskId,
    'confirmed',
    'the entrance that owns the task took the kill, and jobhistory is terminal after it',
    after.status,
  );
}

function report(
  remoteId: string,
  outcome: KillReport['outcome'],
  evidence: string,
  status?: string,
): KillReport {
  return { outcome, remoteId, status, evidence: evidence.slice(0, 500) };
}
