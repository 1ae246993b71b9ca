import type { ArtifactRef } from '../contracts/artifact';
import { ArtifactError } from './errors';
import { linesBody } from './lines';
import { chunkKey, longestChain, parseChunkKey, type LogChunk } from './log-chain';
import { artifactUri, type ArtifactStore } from './store';

/** How far a log has been kept. */
export interface LogPosition {
  /** What to ask the service for next: its own `fromLine`, which counts lines it left out, too. */
  readonly cursor: number;
  /** Lines that are in the store. */
  readonly lines: number;
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

  /** @param prefix key of the folder for the chunks, one a log; without a `/` at its end */
  constructor(
    private readonly store: ArtifactStore,
    private readonly prefix: string,
  ) {}

  /** Where to go on, read from the store; `{ cursor: 0, lines: 0 }` for a log not yet begun. */
  async resume(signal: AbortSignal): Promise<LogPosition> {
    const chain = await this.chain(signal);
    this.position = {
      cursor: chain.at(-1)?.toCursor ?? 0,
      lines: chain.reduce((sum, chunk) => sum + chunk.lines, 0),
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
  ): Promise<LogPosition> {
    checkCursors(fromCursor, toCursor, lines.length);
    let position = this.position ?? (await this.resume(signal));
    if (fromCursor > position.cursor) position = await this.resume(signal);
    if (fromCursor > position.cursor) {
      throw new ArtifactError(
        'Artifacts.LogGap',
        `log lines from cursor ${fromCursor} can't be kept in ${this.prefix}: it ends at ${position.cursor}; go on from there`,
      );
    }
    if (fromCursor < position.cursor || toCursor === fromCursor) return position;

    const split = lines.flatMap(splitLine);
    const chunk: LogChunk = { fromCursor, toCursor, lines: split.length };
    await this.store.put(chunkKey(this.prefix, chunk), linesBody(split), {
      format: 'text',
      signal,
    });
    this.position = { cursor: toCursor, lines: position.lines + split.length };
    return this.position;
  }

  /** Stores all that is kept as one text under a key; the chunks stay until {@link clear}. */
  async assemble(
    key: string,
    signal: AbortSignal,
  ): Promise<ArtifactRef & { readonly lines: number }> {
    const chain = await this.chain(signal);
    const ref = await this.store.put(key, this.bytes(chain, signal), { format: 'text', signal });
    return { ...ref, lines: chain.reduce((sum, chunk) => sum + chunk.lines, 0) };
  }

  /**
   * The kept lines from a line on (0 is the first; lines, not cursors), as far as they go now.
   * Whoever follows a log calls it again with `fromLine` plus what came.
   */
  async *read(fromLine: number, signal: AbortSignal): AsyncGenerator<string> {
    let skip = Math.max(0, fromLine);
    for (const chunk of await this.chain(signal)) {
      if (skip >= chunk.lines) {
        skip -= chunk.lines;
        continue;
      }
      for await (const line of this.linesOf(chunk, signal)) {
        if (skip > 0) skip -= 1;
        else yield line;
      }
    }
  }

  /**
   * Forgets the log: after its end, or when the service began it anew. From the last chunk to the
   * first, so that what a crash leaves is still an unbroken log.
   */
  async clear(signal: AbortSignal): Promise<void> {
    const keys = await this.store.list(`${this.prefix}/`, signal);
    for (const key of [...keys].reverse()) await this.store.remove(key, signal);
    this.position = undefined;
  }

  private async chain(signal: AbortSignal): Promise<readonly LogChunk[]> {
    const keys = await this.store.list(`${this.prefix}/`, signal);
    return longestChain(keys.flatMap((key) => parseChunkKey(this.prefix, key) ?? []));
  }

  private async *bytes(
    chain: readonly LogChunk[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | string> {
    for (const chunk of chain) {
      yield* await this.store.open(artifactUri(chunkKey(this.prefix, chunk)), signal);
    }
  }

  private async *linesOf(chunk: LogChunk, signal: AbortSignal): AsyncGenerator<string> {
    const text = await this.store.open(artifactUri(chunkKey(this.prefix, chunk)), signal);
    text.setEncoding('utf8');
    let rest = '';
    for await (const piece of text as AsyncIterable<string>) {
      const pieces = (rest + piece).split('\n');
      rest = pieces.pop() ?? '';
      yield* pieces;
    }
  }
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
