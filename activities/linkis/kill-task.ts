import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { isTerminalLinkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { KillReport } from '../../src/contracts/job';
import type { KillSession } from '../kill-budget';
import { lookForLateEffect } from '../late-effect';
import { Patience } from '../patience';
import { execHolder, type ExecHolder } from './exec-holder';
import { isSameKill, killOf, proof, report, whyNotSent, type SentKill } from './kill-evidence';
import { mayBeRetried, retryWithinMs } from './retried-failure';
import { taskIfKnown, type TaskCall } from './watch-source';

/**
 * How long jobhistory may take to say that a killed task has ended, and how long a doubt about its
 * execID may last, in milliseconds.
 */
const defaultProofWithinMs = 60_000;
const askEveryMs = 300;

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
 * or may get is never killed, and jobhistory must be terminal afterwards.
 */
export async function killLinkisTask(
  client: LinkisClient,
  target: TaskToKill,
  session: KillSession,
  proofWithinMs = defaultProofWithinMs,
): Promise<KillReport> {
  const { taskId, user } = target;
  const { signal } = session;
  const call = { signal, user, priority: 'urgent' } as const;
  const sentBefore = sentFor(taskId, session);
  const known = await lookForLateEffect(() => taskIfKnown(client, taskId, call), signal);
  if (known === undefined) {
    return report(taskId, 'unconfirmed', 'jobhistory does not know the task, so nothing was sent');
  }
  const doubt = new Patience(proofWithinMs);
  const queue = new Patience(
    session.untilMs === undefined ? proofWithinMs : session.untilMs - Date.now(),
  );
  const failure = new Patience(retryWithinMs);
  let holder: ExecHolder | undefined;
  let sending: SentKill | undefined;
  const before = await untilTask(client, known, call, async (task) => {
    if (ended(task)) return !mayBeRetried(task) || failure.isOver();
    const execId = task.execId ?? target.execId;
    // An adopted task that still queues can't be addressed yet; left alone, it would run later.
    if (execId === undefined) return queue.isOver();
    const look = () => execHolder(client, task, execId, call);
    holder = await look();
    const kill = killOf(task, holder, sentBefore);
    if (mayBeSent(holder) && !isSameKill(kill, sentFor(taskId, session))) {
      await remember(taskId, kill, session);
      // The note may have taken long, and what was seen before it is as old as that.
      holder = await look();
    }
    if (mayBeSent(holder) && isSameKill(killOf(task, holder, sentBefore), kill)) sending = kill;
    return sending !== undefined || holder.kind === 'other' || doubt.isOver();
  });
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
  if (execId === undefined || sending === undefined) {
    return report(taskId, 'unconfirmed', whyNotSent(taskId, holder), before.status);
  }
  const refusal = await sendKill(client, execId, taskId, call);
  const time = new Patience(proofWithinMs);
  // The proof can wait its turn: other kills haven't been sent yet.
  const after = await untilTask(
    client,
    before,
    { signal, user },
    (task) => ended(task) || time.isOver(),
  );
  if (!ended(after)) {
    return report(
      taskId,
      'unconfirmed',
      `the kill was ${refusal === undefined ? 'accepted' : `refused (${refusal})`}, but after ${proofWithinMs / 1000} s jobhistory still has ${after.status}`,
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
  return proof(after, sending);
}

function ended(task: LinkisTask): boolean {
  return isTerminalLinkisStatus(task.status);
}

/** Nothing but the task itself, or nothing at all, can be hit by a kill of the execID. */
function mayBeSent(holder: ExecHolder): boolean {
  return holder.kind === 'own' || (holder.kind === 'nobody' && !holder.mayBeTaken);
}

function remember(taskId: string, kill: SentKill, session: KillSession): Promise<void> {
  const sent = { ...session.lastDetails<KillCheckpoint>()?.sent, [taskId]: kill };
  return session.remember({ sent } satisfies KillCheckpoint);
}

function sentFor(taskId: string, session: KillSession): SentKill | undefined {
  return session.lastDetails<KillCheckpoint>()?.sent?.[taskId];
}

/** Sends the kill; answers the entrance's refusal where it gives one. */
async function sendKill(
  client: LinkisClient,
  execId: string,
  taskId: string,
  call: TaskCall,
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

/** The task's row once it is as far as asked. */
async function untilTask(
  client: LinkisClient,
  known: LinkisTask,
  call: TaskCall,
  isFarEnough: (task: LinkisTask) => boolean | Promise<boolean>,
): Promise<LinkisTask> {
  for (let task = known; ;) {
    if (await isFarEnough(task)) return task;
    await sleep(askEveryMs, undefined, { signal: call.signal });
    // A row that is missed once is there again at the next look.
    task = (await taskIfKnown(client, task.taskId, call)) ?? task;
  }
}
