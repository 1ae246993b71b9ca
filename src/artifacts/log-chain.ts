/** Log lines between two cursors of the service. */
export interface LogChunk {
  readonly fromCursor: number;
  readonly toCursor: number;
  /** Lines in the chunk; may differ from what the cursor went forward. */
  readonly lines: number;
}

/** Wide enough for any safe integer, so that names sort as their cursors do. */
const cursorDigits = 16;
const chunkName = /^(\d{16})-(\d{16})\.(\d+)\.log$/;

/** `<prefix>/<from>-<to>.<lines>.log`: all that resuming must know stands in the name. */
export function chunkKey(prefix: string, chunk: LogChunk): string {
  const [from, to] = [chunk.fromCursor, chunk.toCursor].map((cursor) =>
    String(cursor).padStart(cursorDigits, '0'),
  );
  return `${prefix}/${from}-${to}.${chunk.lines}.log`;
}

/** Undefined for a key that is no chunk. */
export function parseChunkKey(prefix: string, key: string): LogChunk | undefined {
  const match = chunkName.exec(key.slice(prefix.length + 1));
  if (match === null) return undefined;
  const [fromCursor = 0, toCursor = 0, lines = 0] = match.slice(1).map(Number);
  return toCursor > fromCursor ? { fromCursor, toCursor, lines } : undefined;
}

/**
 * The unbroken chain of chunks from cursor 0 that gets furthest. There is a choice only where two
 * attempts wrote at once; every unbroken chain holds each line once, so the furthest one is right.
 */
export function longestChain(chunks: readonly LogChunk[]): readonly LogChunk[] {
  const best = new Map<number, { readonly chunk: LogChunk; readonly reach: number }>();
  // From the back: where a chunk ends has been settled before the chunk is looked at.
  const fromTheBack = [...chunks].sort((a, b) => b.fromCursor - a.fromCursor || a.lines - b.lines);
  for (const chunk of fromTheBack) {
    const reach = best.get(chunk.toCursor)?.reach ?? chunk.toCursor;
    const known = best.get(chunk.fromCursor);
    if (known === undefined || reach > known.reach) best.set(chunk.fromCursor, { chunk, reach });
  }
  const chain: LogChunk[] = [];
  for (let next = best.get(0); next !== undefined; next = best.get(next.chunk.toCursor)) {
    chain.push(next.chunk);
  }
  return chain;
}
