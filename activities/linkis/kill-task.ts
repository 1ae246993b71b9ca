import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { isTerminalLinkisStatus, linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { KillReport } from '../../src/contracts/job';
import type { KillSession } from '../kill-budget';
import { lookForLateEffect } from '../late-effect';
import { execHolder, type ExecHolder } from './exec-holder';
import { mayBeRetried, retryWithinMs } from './retried-failure';
import { taskIfKnown } from './watch-source';

/** How long jobhistory may take to give a queued task its execID, or to say that a killed one has ended. */
const defaultProofWithinMs = 60_000;
const askEveryMs = 300;
/** What is remembered of a task before its kill is sent, so that an attempt after a crash knows its own kill. */
interface SentKill {
  /** The row named its sender before: a Forced Kill empties that, which is how it is recognised. */
  readonly hadSource: boolean;
  /** An entrance held the task. */
  readonly held: boolean;
}

interface KillCheckpoint {
  /** By taskId: one submission may have left several tasks. */
  readonly sent?: Readonly<Record<string, SentKill>>;
}

/** Tasks that earlier attempts sent a kill for; a Forced Kill empties the key that they are found by. */
export function killsSent(session: KillSession): readonly string[] {
  return Object.keys(session.lastDetails<KillCheckpoint>()?.sent ?? {});
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
  session: KillSession,
  proofWithinMs = defaultProofWithinMs,
): Promise<KillReport> {
  const { taskId, user } = target;
  const { signal } = session;
  const call = { signal, user };
  const ended = (task: LinkisTask) => isTerminalLinkisStatus(task.status);
  // An adopted task that still queues can't be addressed yet; left alone, it would run later.
  let holder: ExecHolder | undefined;
  const known = await lookForLateEffect(() => taskIfKnown(client, taskId, user, signal), signal);
  if (known === undefined) {
    return report(taskId, 'unconfirmed', 'jobhistory does not know the task, so nothing was sent');
  }
  let failedSinceMs: number | undefined;
  const before = await untilTask(client, known, call, proofWithinMs, async (task) => {
    const execId = task.execId ?? target.execId;
    if (ended(task) && !mayBeRetried(task)) return true;
    if (ended(task)) {
      failedSinceMs ??= Date.now();
      return Date.now() - failedSinceMs >= retryWithinMs;
    }
    if (execId === undefined) return false;
    holder = await execHolder(client, task, execId, call);
    return holder.kind !== 'unclear' && holder.kind !== 'over';
  });
  const seconds = proofWithinMs / 1000;
  const sentBefore = session.lastDetails<KillCheckpoint>()?.sent?.[taskId];
  if (ended(before)) {
    if (sentBefore !== undefined) return proof(before, sentBefore);
    return report(
      taskId,
      'alreadyFinished',
      `jobhistory had it as ${before.status} before any kill was sent`,
      before.status,
    );
  }
  const execId = before.execId ?? target.execId;
  if (execId === undefined || holder === undefined) {
    return report(
      taskId,
      'unconfirmed',
      `the task is queued and got no execID within ${seconds} s, so there was nothing to send a kill to; it may run later`,
      before.status,
    );
  }
  if (holder.kind === 'other') {
    return report(
      taskId,
      'unconfirmed',
      `its execID now belongs to task ${holder.taskId}, so no kill was sent: the entrance restarted, and task ${taskId} is lost`,
      before.status,
    );
  }
  if (holder.kind === 'unclear' || holder.kind === 'over') {
    const why =
      holder.kind === 'over'
        ? 'the entrance has its execID as ended, though jobhistory has not'
        : 'a newer task that queues may bear its execID';
    return report(
      taskId,
      'unconfirmed',
      `no kill was sent, since it might have hit another task: for ${seconds} s ${why}`,
      before.status,
    );
  }

  const sending = {
    hadSource: Object.keys(before.source).length > 0,
    held: holder.kind === 'own',
  };
  const sent = { ...session.lastDetails<KillCheckpoint>()?.sent, [taskId]: sentBefore ?? sending };
  await session.remember({ sent } satisfies KillCheckpoint);
  const refusal = await sendKill(client, execId, taskId, call);
  const after = await untilTask(client, before, call, proofWithinMs, ended);
  if (!ended(after)) {
    return report(
      taskId,
      'unconfirmed',
      `the kill was ${refusal === undefined ? 'accepted' : `refused (${refusal})`}, but after ${seconds} s jobhistory still has ${after.status}`,
      after.status,
    );
  }
  // A kill of an earlier attempt may be why there is nothing left to kill.
  if (refusal !== undefined && sentBefore === undefined) {
    return report(
      taskId,
      'alreadyFinished',
      `the entrance refused the kill (${refusal}), and jobhistory has ${after.status}`,
      after.status,
    );
  }
  return proof(after, sentBefore ?? sending);
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
  known: LinkisTask,
  { signal, user }: { readonly signal: AbortSignal; readonly user: string },
  withinMs: number,
  isFarEnough: (task: LinkisTask) => boolean | Promise<boolean>,
): Promise<LinkisTask> {
  const untilMs = Date.now() + withinMs;
  for (let task = known; ;) {
    if ((await isFarEnough(task)) || Date.now() >= untilMs) return task;
    await sleep(askEveryMs, undefined, { signal });
    // A row that is missed once is there again at the next look.
    task = (await taskIfKnown(client, task.taskId, user, signal)) ?? task;
  }
}

function proof(after: LinkisTask, { hadSource, held }: SentKill): KillReport {
  const emptied = hadSource && Object.keys(after.source).length === 0;
  if ((emptied || !held) && linkisStatus(after.status) === 'cancelled') {
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
