import type { LinkisClient } from '../../src/clients/linkis/client';
import type { JobProgress } from '../../src/contracts/job';
import type { LinkisTaskTarget } from '../../src/contracts/linkis-steps';
import type { Entrances } from './entrances';
import { execHolder, toldByEntrance, type ExecHolder } from './exec-holder';
import type { SeenTask } from './seen-task';
import { markOf, taskIfKnown } from './watch-source';

/** So many looks in a row must find that no entrance works on the task. */
const looks = 3;
/** A task that an entrance holds is asked for again after the whole time, else after this share. */
const nextLookShare = 1 / 6;
/** The entrance's word for an older task stands for this one's at most so many times the time. */
const ownLookTimes = 6;
/** The first look comes after this share of the time: earlier it could only be wrong. */
const firstLookShare = 1 / 2;

/**
 * Finds out that a task is lost: its entrance restarted and left the row as it was, for ever.
 *
 * Lost is a row that has not changed for the whole time, by this worker's own clock, while look
 * after look finds that no entrance works on the task: none knows its execID, or the execID names a
 * newer task now. An entrance that answers for the task, that can't be reached or that leaves doubt
 * keeps it waiting; so does a task whose execID nobody knows yet.
 */
export class LostTaskWatch {
  private unchanged: JobProgress['unchanged'];
  private unheld = 0;
  private nextLookAtMs = 0;
  private lastLookAtMs = 0;

  constructor(
    private readonly client: LinkisClient,
    private readonly entrances: Entrances,
    private readonly target: LinkisTaskTarget,
    private readonly lostAfterMs: number,
    left: JobProgress | undefined,
  ) {
    this.unchanged = left?.unchanged;
  }

  /** Since when the row is as it is now; it belongs into the checkpoint. */
  note(row: SeenTask): JobProgress['unchanged'] {
    const mark = markOf(row);
    if (this.unchanged?.mark !== mark) {
      this.unchanged = { mark, sinceMs: Date.now() };
      this.unheld = 0;
      this.nextLookAtMs = 0;
    }
    return this.unchanged;
  }

  /** The evidence that the task is lost, once it is. */
  async evidence(row: SeenTask, signal: AbortSignal): Promise<string | undefined> {
    const nowMs = Date.now();
    const unchangedMs = nowMs - (this.note(row)?.sinceMs ?? nowMs);
    if (unchangedMs < this.lostAfterMs * firstLookShare || nowMs < this.nextLookAtMs) return;
    const execId = row.execId ?? this.target.execId;
    if (execId === undefined) return;
    const heldAtMs = this.heldAsOthersAre(row, nowMs);
    if (heldAtMs !== undefined) {
      this.nextLookAtMs = heldAtMs + this.lostAfterMs;
      return;
    }
    let holder: ExecHolder | undefined;
    try {
      holder = await this.entrances.ask(() => this.holderOf(row, execId, signal));
      if (holder === undefined) return;
    } catch (error) {
      this.unheld = 0;
      this.nextLookAtMs = nowMs + this.lostAfterMs * nextLookShare;
      throw error;
    }
    this.lastLookAtMs = nowMs;
    if (holder.kind === 'own') this.entrances.holds(row, this.lostAfterMs);
    const why = noEntranceWorksOnIt(holder);
    this.unheld = why === undefined ? 0 : this.unheld + 1;
    this.nextLookAtMs = nowMs + this.lostAfterMs * (why === undefined ? 1 : nextLookShare);
    if (why === undefined || this.unheld < looks || unchangedMs < this.lostAfterMs) return;
    const now = await taskIfKnown(this.client, row.taskId, { signal, user: this.target.user });
    // Not by the mark: a list and a single row may write the same date in other ways.
    if (now?.status !== row.status || now.execId !== row.execId) return;
    return `jobhistory still has it as ${now.status}, but its row hasn't changed for ${inWords(unchangedMs)}, and ${this.unheld} looks in a row found that ${why}`;
  }

  /**
   * When the entrance was last seen to hold a task for which it holds this one, too. An entrance may
   * lose one task and keep the others: once it was found not to hold this one, only its own word counts.
   */
  private heldAsOthersAre(row: SeenTask, nowMs: number): number | undefined {
    if (this.unheld > 0) return undefined;
    const sinceMs = Math.max(this.lastLookAtMs, this.unchanged?.sinceMs ?? nowMs);
    if (nowMs - sinceMs > ownLookTimes * this.lostAfterMs) return;
    const heldAtMs = this.entrances.heldAtMs(row);
    return heldAtMs !== undefined && nowMs - heldAtMs < this.lostAfterMs ? heldAtMs : undefined;
  }

  private async holderOf(row: SeenTask, execId: string, signal: AbortSignal) {
    const call = { signal, user: this.target.user, priority: 'background' } as const;
    const told = await toldByEntrance(this.client, row, execId, call);
    return told ?? (await execHolder(this.client, row, execId, call));
  }
}

function noEntranceWorksOnIt(holder: ExecHolder): string | undefined {
  switch (holder.kind) {
    case 'nobody':
      return 'no entrance holds it';
    case 'over':
      return 'the entrance remembers its execID as ended';
    case 'other':
      return `its execID names task ${holder.taskId} now: the entrance has restarted`;
    default:
      return undefined;
  }
}

function inWords(timeMs: number): string {
  return timeMs < 120_000
    ? `${Math.round(timeMs / 1000)} s`
    : `${Math.round(timeMs / 60_000)} minutes`;
}
