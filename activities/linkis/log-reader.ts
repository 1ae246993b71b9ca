import { createHash } from 'node:crypto';
import { logLines, type LogChunks, type LogPosition } from '../../src/artifacts/log-chunks';
import type { LinkisCallOptions, LinkisClient } from '../../src/clients/linkis/public';
import type { SecretResolver } from '../../src/config/secrets';
import { linesWithoutSecrets } from '../without-secrets';

/** A log that begins anew more often than this is followed no further; the persisted one is whole. */
const mostRestarts = 20;

export interface LogPages {
  /** Lines asked for in one call. */
  readonly lines: number;
  /** Calls at most. */
  readonly count: number;
}

/**
 * Reads on in the log that an entrance holds of a task, and keeps what it gets.
 *
 * - The cursor is the store's; the service's `fromLine` moves it. Lines are never counted: the
 *   service counts those that it drops, too.
 * - Where the service answers a lower `fromLine` than was asked for, or another entrance has taken
 *   the task over and its log begins otherwise, the log has begun anew: its lines are kept behind
 *   the earlier ones, and the restart is counted.
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
    /**
     * Asked where the log turns out to be another one than before: an entrance that restarted hands
     * execIDs out again, and the log may be a foreign task's.
     */
    private readonly isForeign: (execId: string, call: LinkisCallOptions) => Promise<boolean>,
  ) {}

  /** Until the log's present end, or the pages are used up. */
  async readOn(execId: string, pages: LogPages, call: LinkisCallOptions): Promise<LogPosition> {
    const { signal } = call;
    const source = sourceOf(execId);
    let position = await this.chunks.resume(signal);
    const moved = position.source !== source && position.cursor > 0;
    if (moved && (await this.isAnother(execId, call))) {
      if (await this.isForeign(execId, call)) return position;
      position = await this.chunks.restart(signal);
    }
    for (let page = 0; page < pages.count && position.restarts <= mostRestarts; page++) {
      const { cursor } = position;
      const size = cursor === 0 ? 1 : pages.lines;
      const { lines, fromLine } = await this.client.log(execId, { fromLine: cursor, size }, call);
      if (fromLine === cursor) break;
      if (fromLine < cursor) {
        if (!(await this.isAnother(execId, call)) || (await this.isForeign(execId, call))) break;
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
    return position;
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
    const begin = logLines(await linesWithoutSecrets(lines, this.secrets));
    return !startsWith(head.lines, begin) && !startsWith(begin, head.lines);
  }

  /**
   * Drops what has been kept already, where that is certain: the first entry again behind cursor 1;
   * and, of a page with more lines than the cursor moved, as many as those are too many, where they
   * are the very lines before it. (An entry of several lines has more lines than the cursor moves,
   * too; then they aren't.)
   */
  private async withoutRepeat(
    { cursor, lines: kept }: LogPosition,
    fromLine: number,
    said: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const lines = logLines(said);
    const isSecondPage = cursor === 1;
    const head = isSecondPage ? ((await this.chunks.head(signal))?.lines ?? []) : [];
    if (head.length > 0 && startsWith(lines, head)) return lines.slice(head.length);
    const tooMany = lines.length - (fromLine - cursor);
    if (tooMany <= 0 || tooMany > kept) return lines;
    const before: string[] = [];
    for await (const line of this.chunks.read(kept - tooMany, signal)) before.push(line);
    const isRepeat = before.length === tooMany && startsWith(lines, before);
    return isRepeat ? lines.slice(tooMany) : lines;
  }
}

/** Short, and fit for a file's name. */
function sourceOf(execId: string): string {
  return createHash('sha256').update(execId).digest('hex').slice(0, 12);
}

function startsWith(lines: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((line, index) => lines[index] === line);
}
