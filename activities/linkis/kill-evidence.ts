import { linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { KillReport } from '../../src/contracts/job';
import type { ExecHolder } from './exec-holder';

/** What is remembered of a task before its kill is sent, so that an attempt after a crash knows its own kill. */
export interface SentKill {
  /** The row named its sender before: a Forced Kill empties that, which is how it is recognised. */
  readonly hadSource: boolean;
  /** An entrance held the task, whenever a kill may have been sent. */
  readonly held: boolean;
}

/**
 * The kill that is about to be sent. An attempt that crashed may have noted one and not sent it, so
 * a task that nobody holds now was not killed for certain, whatever was noted.
 */
export function killOf(
  task: LinkisTask,
  holder: ExecHolder,
  before: SentKill | undefined,
): SentKill {
  return {
    hadSource: before?.hadSource === true || Object.keys(task.source).length > 0,
    held: holder.kind === 'own' && (before?.held ?? true),
  };
}

export function isSameKill(one: SentKill, other: SentKill | undefined): boolean {
  return one.hadSource === other?.hadSource && one.held === other.held;
}

export function whyNotSent(taskId: string, holder: ExecHolder | undefined): string {
  switch (holder?.kind) {
    case undefined:
      return 'the task is queued and got no execID for as long as the kill could wait, so there was nothing to send a kill to; it may run later';
    case 'other':
      return `its execID now belongs to task ${holder.taskId}, so no kill was sent: the entrance restarted, and task ${taskId} is lost`;
    case 'over':
      return 'no kill was sent, since it might have hit another task: the entrance has its execID as ended, though jobhistory has not';
    default:
      return 'no kill was sent, since it might have hit another task: a newer task that queues may bear its execID, or get it any moment';
  }
}

/** What jobhistory says after a kill that was sent. */
export function proof(after: LinkisTask, { hadSource, held }: SentKill): KillReport {
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

export function report(
  remoteId: string,
  outcome: KillReport['outcome'],
  evidence: string,
  status?: string,
): KillReport {
  return { outcome, remoteId, status, evidence: evidence.slice(0, 500) };
}
