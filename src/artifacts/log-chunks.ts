import type { ArtifactRef } from '../contracts/artifact';
import { ArtifactError } from './errors';
import { linesBody, splitLines } from './lines';
import { chunkName, segmentsOf, type LogChunk, type LogSegment } from './log-segments';
import { artifactUri, type ArtifactStore } from './store';

/** What a page that repeats lines repeats is fewer. */
const lastKnown = 100;
const linesAtOnce = 1000;

/** How far a log has been kept. */
export interface LogPosition {
  /** What to ask the service for next: its own `fromLine`, which counts lines it left out, too. */
  readonly cursor: number;
  /** Lines that are in the store, those before a restart included. */
  readonly lines: number;
  /** How often the service began the log anew. */
  readonly restarts: number;
  /** Lines that the cursor jumped over, beyond what the service was asked for. */
  readonly skipped: number;
  /** Whose log is being kept; '' where that isn't known, or nothing is kept yet. */
  readonly source: string;
}

export interface ChunkFacts {
  /** Whose log it is, where the chunk begins one; file-name characters. @default '' */
  readonly source?: string;
  /** @default 0 */
  readonly skipped?: number;
}

/**
 * A log that is collected in pieces, by one attempt after another, on whatever machine. Each piece
 * is a chunk in the artifact store, named by the cursors it lies between; the end of the longest
 * unbroken chain from cursor 0 *is* the cursor. Nothing else needs to be remembered: an attempt that
 * dies after a chunk was stored goes on behind it, one that dies before asks for the same lines
 * again. So no line is lost and none is kept twice, however often attempts die.
 *
 * Two attempts at once (an old one that doesn't know it was replaced) do no harm: their chunks may
 * overlap, but a chain never goes through two chunks that do.
 */
export class LogChunks {
  private position: LogPosition | undefined;
  /** The beginning of the segment that is written to, once it was read: no page lists the store. */
  private knownHead: LogHead | undefined;
  /** The last lines that this object kept. */
  private knownLast: readonly string[] = [];

  /** @param prefix key of the folder for the chunks, one a log; without a `/` at its end */
  constructor(
    private readonly store: ArtifactStore,
    private readonly prefix: string,
  ) {}

  /** Where to go on, as far as this object knows: what others keep meanwhile, {@link append} finds. */
  async known(signal: AbortSignal): Promise<LogPosition> {
    return this.position ?? (await this.resume(signal));
  }

  /** Where to go on, read from the store; all 0 for a log not yet begun. */
  async resume(signal: AbortSignal): Promise<LogPosition> {
    const segments = await this.segments(signal);
    const last = segments.at(-1);
    const chunks = segments.flatMap((segment) => segment.chunks);
    // Others may have written meanwhile.
    this.knownHead = undefined;
    this.knownLast = [];
    this.position = {
      cursor: last?.chunks.at(-1)?.to ?? 0,
      lines: chunks.reduce((sum, chunk) => sum + chunk.count, 0),
      restarts: last?.number ?? 0,
      skipped: chunks.reduce((sum, chunk) => sum + chunk.skipped, 0),
      source: last?.source ?? '',
    };
    return this.position;
  }

  /**
   * Keeps the lines between two cursors and answers where the log stands then. On return they are
   * on the disk. A line break inside a line (`\n`, `\r\n`, a progress bar's `\r`) makes it several
   * lines; one at its end is dropped.
   *
   * Repeating it changes nothing. Neither does a chunk that begins before the log's end (another
   * attempt went further): go on from the position that is answered.
   *
   * @throws ArtifactError `Artifacts.LogGap` where the chunk begins behind the end of the log
   */
  async append(
    fromCursor: number,
    toCursor: number,
    lines: readonly string[],
    signal: AbortSignal,
    { source = '', skipped = 0 }: ChunkFacts = {},
  ): Promise<LogPosition> {
    checkCursors(fromCursor, toCursor, lines.length);
    let position = await this.known(signal);
    if (fromCursor > position.cursor) position = await this.resume(signal);
    if (fromCursor > position.cursor) {
      throw new ArtifactError(
        'Artifacts.LogGap',
        `log lines from cursor ${fromCursor} can't be kept in ${this.prefix}: it ends at ${position.cursor}; go on from there`,
      );
    }
    if (fromCursor < position.cursor || toCursor === fromCursor) return position;

    const split = logLines(lines);
    const segment = {
      number: position.restarts,
      source: fromCursor === 0 ? source : position.source,
    };
    const name = chunkName(segment, {
      from: fromCursor,
      to: toCursor,
      count: split.length,
      skipped,
    });
    await this.store.put(`${this.prefix}/${name}`, linesBody(split), { format: 'text', signal });
    if (fromCursor === 0) this.knownHead = { to: toCursor, lines: split };
    this.knownLast = [...this.knownLast, ...split.slice(-lastKnown)].slice(-lastKnown);
    this.position = {
      cursor: toCursor,
      lines: position.lines + split.length,
      restarts: segment.number,
      skipped: position.skipped + skipped,
      source: segment.source,
    };
    return this.position;
  }

  /**
   * The service has begun the log anew: what is kept stays, and cursors count from 0 again. Does
   * nothing where another attempt has noticed it, too, and kept lines of the new log.
   */
  async restart(signal: AbortSignal): Promise<LogPosition> {
    const known = this.position?.restarts ?? 0;
    const position = await this.resume(signal);
    if (position.cursor > 0 && position.restarts <= known) {
      this.position = { ...position, cursor: 0, restarts: position.restarts + 1, source: '' };
      this.knownHead = undefined;
    }
    return this.position ?? position;
  }

  /** The lines of the chunk at cursor 0 since the last restart; none where nothing is kept. */
  async head(signal: AbortSignal): Promise<LogHead | undefined> {
    return (this.knownHead ??= await this.readHead(signal));
  }

  /** The last lines of all that is kept; fewer where there are no more. */
  async last(count: number, signal: AbortSignal): Promise<readonly string[]> {
    if (count <= this.knownLast.length) return this.knownLast.slice(this.knownLast.length - count);
    const { lines } = await this.known(signal);
    const last: string[] = [];
    for await (const line of this.read(lines - count, signal)) last.push(line);
    return last;
  }

  private async readHead(signal: AbortSignal): Promise<LogHead | undefined> {
    const first = (await this.segments(signal)).at(-1)?.chunks[0];
    if (first === undefined) return undefined;
    const lines: string[] = [];
    for await (const line of this.linesOf(first, signal)) lines.push(line);
    return { to: first.to, lines };
  }

  /** Stores the first lines of all that is kept as one text under a key; the chunks stay until {@link clear}. */
  async assemble(
    key: string,
    signal: AbortSignal,
    mostLines = Infinity,
  ): Promise<ArtifactRef & { readonly lines: number }> {
    const chunks = await this.chunks(signal);
    const lines = chunks.reduce((sum, chunk) => sum + chunk.count, 0);
    const isWhole = lines <= mostLines;
    const body = isWhole ? this.bytes(chunks, signal) : this.firstLines(mostLines, signal);
    const ref = await this.store.put(key, body, { format: 'text', signal });
    return { ...ref, lines: isWhole ? lines : mostLines };
  }

  /**
   * The kept lines from a line on (0 is the first; lines, not cursors), as far as they go now.
   * Whoever follows a log calls it again with `fromLine` plus what came.
   */
  async *read(fromLine: number, signal: AbortSignal): AsyncGenerator<string> {
    let skip = Math.max(0, fromLine);
    for (const chunk of await this.chunks(signal)) {
      if (skip >= chunk.count) {
        skip -= chunk.count;
        continue;
      }
      for await (const line of this.linesOf(chunk, signal)) {
        if (skip > 0) skip -= 1;
        else yield line;
      }
    }
  }

  /** Forgets the log. From the last chunk to the first: what a crash leaves is still unbroken. */
  async clear(signal: AbortSignal): Promise<void> {
    const keys = await this.store.list(`${this.prefix}/`, signal);
    for (const key of [...keys].reverse()) await this.store.remove(key, signal);
    this.position = undefined;
    this.knownHead = undefined;
    this.knownLast = [];
  }

  private async segments(signal: AbortSignal): Promise<readonly LogSegment[]> {
    return segmentsOf(this.prefix, await this.store.list(`${this.prefix}/`, signal));
  }

  private async chunks(signal: AbortSignal): Promise<readonly LogChunk[]> {
    return (await this.segments(signal)).flatMap(({ chunks }) => chunks);
  }

  private async *bytes(
    chunks: readonly LogChunk[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | string> {
    for (const { key } of chunks) yield* await this.store.open(artifactUri(key), signal);
  }

  private async *firstLines(count: number, signal: AbortSignal): AsyncGenerator<string> {
    let lines: string[] = [];
    let left = count;
    for await (const line of this.read(0, signal)) {
      if (left <= 0) break;
      left -= 1;
      lines.push(line);
      if (lines.length < linesAtOnce && left > 0) continue;
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
    if (lines.length > 0) yield `${lines.join('\n')}\n`;
  }

  private async *linesOf({ key }: LogChunk, signal: AbortSignal): AsyncGenerator<string> {
    yield* splitLines(await this.store.open(artifactUri(key), signal));
  }
}

export interface LogHead {
  /** The cursor behind it. */
  readonly to: number;
  readonly lines: readonly string[];
}

/** Lines as they are kept: a line break inside one makes it several. */
export function logLines(lines: readonly string[]): readonly string[] {
  return lines.flatMap(splitLine);
}

function checkCursors(fromCursor: number, toCursor: number, count: number): void {
  const sound =
    Number.isSafeInteger(fromCursor) &&
    Number.isSafeInteger(toCursor) &&
    fromCursor >= 0 &&
    (toCursor > fromCursor || (toCursor === fromCursor && count === 0));
  if (!sound) {
    throw new RangeError(
      `${count} log lines from cursor ${fromCursor} to ${toCursor} can't be kept: the cursor must go forward`,
    );
  }
}

function splitLine(line: string): string[] {
  return line.replace(/(\r\n|\n|\r)$/, '').split(/\r\n|\n|\r/);
}
