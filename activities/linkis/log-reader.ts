import { createHash } from 'node:crypto';
import { logLines, type LogChunks, type LogPosition } from '../../src/artifacts/log-chunks';
import type { LinkisCallOptions, LinkisClient } from '../../src/clients/linkis/public';
import type { SecretResolver } from '../../src/config/secrets';
import { linesWithoutSecrets } from '../without-secrets';

/** A log that begins anew more often than this is followed no further; the persisted one is whole. */
const mostRestarts = 20;

/** Entries before a page that are asked for again, to see whether the log goes on there. */
const linesBefore = 3;

export interface LogPages {
  /** Lines asked for in one call. */
  readonly lines: number;
  /** Calls at most. */
  readonly count: number;
}

/** Where a log stands after reading on, and what reading on came to. */
export interface LogReading extends LogPosition {
  /**
   * - `reached`: the log had no more lines.
   * - `foreign`: the execID names another task by now, or may; nothing of its log was kept.
   * - `open`: there may be more; the pages were used up, or the entrance is failing over.
   */
  readonly end: 'reached' | 'foreign' | 'open';
}

/**
 * Reads on in the log that an entrance holds of a task, and keeps what it gets.
 *
 * - The cursor is the store's; the service's `fromLine` moves it. Lines are never counted: the
 *   service counts those that it drops, too.
 * - Where the service answers a lower `fromLine` than was asked for, or another entrance has taken
 *   the task over and its log begins otherwise, the log has begun anew: its lines are kept behind
 *   the earlier ones, and the restart is counted.
 * - An entrance that restarted hands execIDs out again. So lines are kept only where the log still
 *   begins as the kept one does (a small call with each page that has lines), and the first ones
 *   only where the execID is the task's.
 * - Where the cursor goes further than the lines that were asked for, what lies between is lost, and
 *   counted as skipped. A smaller jump may be lines that the service left out: no proof.
 * - From 1.6 on lines count from 1, but 0 begins at the first line too, so that the last entry of
 *   the page asked for with 0 comes again at the head of the next. That first page is one entry
 *   long, so that it is certain what to drop.
 */
export class LogReader {
  constructor(
    private readonly client: LinkisClient,
    private readonly chunks: LogChunks,
    private readonly secrets: SecretResolver,
    /** Asked before the first line is kept, and where the log turns out to be another one. */
    private readonly isForeign: (execId: string, call: LinkisCallOptions) => Promise<boolean>,
  ) {}

  /** Until the log's present end, or the pages are used up. */
  async readOn(execId: string, pages: LogPages, call: LinkisCallOptions): Promise<LogReading> {
    const { signal } = call;
    const source = sourceOf(execId);
    let position = await this.chunks.known(signal);
    const moved = position.source !== source && position.cursor > 0;
    if (moved && (await this.isAnother(execId, call))) {
      if (await this.isForeign(execId, call)) return { ...position, end: 'foreign' };
      position = await this.chunks.restart(signal);
    }
    for (let page = 0; page < pages.count && position.restarts <= mostRestarts; page++) {
      const { cursor } = position;
      const size = cursor === 0 ? 1 : pages.lines;
      const { lines, fromLine } = await this.client.log(execId, { fromLine: cursor, size }, call);
      if (fromLine === cursor) return { ...position, end: 'reached' };
      const word = await this.compare(position, fromLine, execId, call);
      if (word === 'later') break;
      if (word !== 'same' && (await this.isForeign(execId, call))) {
        return { ...position, end: 'foreign' };
      }
      if (word === 'another') {
        position = await this.chunks.restart(signal);
        continue;
      }
      const clean = await linesWithoutSecrets(lines, this.secrets);
      position = await this.chunks.append(
        cursor,
        fromLine,
        await this.withoutRepeat(position, fromLine, clean, signal),
        signal,
        { source, skipped: Math.max(0, fromLine - cursor - size) },
      );
    }
    return { ...position, end: 'open' };
  }

  /**
   * Whose log a page is of that moved the cursor. Asked after the page came: a log that begins as
   * the kept one does did so before, too. `unproven`: nothing speaks against it. `later`: the
   * entrance is failing over; the next look tells.
   */
  private async compare(
    position: LogPosition,
    fromLine: number,
    execId: string,
    call: LinkisCallOptions,
  ): Promise<'same' | 'another' | 'unproven' | 'later'> {
    if (position.cursor === 0) return fromLine > 0 ? 'unproven' : 'later';
    if (fromLine < position.cursor) {
      return (await this.isAnother(execId, call)) ? 'another' : 'later';
    }
    const begin = await this.client.log(execId, { fromLine: 0, size: 1 }, call);
    if (begin.fromLine === 0) return 'later';
    const head = (await this.chunks.head(call.signal))?.lines ?? [];
    const first = await this.clean(begin.lines);
    const comparable = head.length > 0 && first.length > 0;
    if (comparable && isSameBeginning(head, first)) return 'same';
    // An entrance loses first lines, for one look or for good: does it have those before the page?
    const fromCursor = Math.max(0, position.cursor - linesBefore);
    const asked = { fromLine: fromCursor, size: position.cursor - fromCursor };
    const before = await this.client.log(execId, asked, call);
    const [last] = await this.chunks.last(1, call.signal);
    const said = await this.clean(before.lines);
    if (last !== undefined && said.includes(last)) return 'same';
    const isThrownAway = begin.fromLine > 1 || before.fromLine > position.cursor;
    return comparable && said.length > 0 && !isThrownAway ? 'another' : 'unproven';
  }

  /**
   * True where the log begins otherwise than the one that is kept. Asked only where something else
   * speaks for it, too: an entrance drops the first lines of a long log, which alone proves nothing.
   */
  private async isAnother(execId: string, call: LinkisCallOptions): Promise<boolean> {
    const head = await this.chunks.head(call.signal);
    const { lines, fromLine } = await this.client.log(execId, { fromLine: 0, size: 1 }, call);
    // Nothing yet but, maybe, a placeholder.
    if (head === undefined || fromLine === 0) return false;
    return !isSameBeginning(head.lines, await this.clean(lines));
  }

  private async clean(lines: readonly string[]): Promise<readonly string[]> {
    return logLines(await linesWithoutSecrets(lines, this.secrets));
  }

  /**
   * Drops what has been kept already, where that is certain: the first entry again behind cursor 1;
   * and, of a page with more lines than the cursor moved, as many as those are too many, where they
   * are the very lines before it. (An entry of several lines has more lines than the cursor moves,
   * too; then they aren't.)
   */
  private async withoutRepeat(
    position: LogPosition,
    fromLine: number,
    said: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { cursor, lines: kept } = position;
    const lines = logLines(said);
    const isSecondPage = cursor === 1;
    const head = isSecondPage ? ((await this.chunks.head(signal))?.lines ?? []) : [];
    if (head.length > 0 && startsWith(lines, head)) return lines.slice(head.length);
    const tooMany = lines.length - (fromLine - cursor);
    if (tooMany <= 0 || tooMany > kept) return lines;
    const before = await this.chunks.last(tooMany, signal);
    const isRepeat = before.length === tooMany && startsWith(lines, before);
    return isRepeat ? lines.slice(tooMany) : lines;
  }
}

/** Short, and fit for a file's name. */
function sourceOf(execId: string): string {
  return createHash('sha256').update(execId).digest('hex').slice(0, 12);
}

/** One entry may have been cut, or have more lines by now. */
function isSameBeginning(one: readonly string[], other: readonly string[]): boolean {
  return startsWith(one, other) || startsWith(other, one);
}

function startsWith(lines: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((line, index) => lines[index] === line);
}
