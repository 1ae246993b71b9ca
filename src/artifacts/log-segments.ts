import { linkName, longestChain, parseLinkName, type Link } from './chain';

/** Log lines between two cursors of the service; `count` is the lines. */
export interface LogChunk extends Link {
  /** Lines that the service's cursor jumped over, beyond what it was asked for. */
  readonly skipped: number;
  readonly key: string;
}

/**
 * The log between two restarts. A service that begins a log anew (another entrance took the task
 * over) counts from 0 again, so its lines make a segment of their own.
 */
export interface LogSegment {
  /** 0 is the first. */
  readonly number: number;
  /** Whose log it is: a word of file-name characters, such as a hash of an execID. */
  readonly source: string;
  /** Unbroken from cursor 0. */
  readonly chunks: readonly LogChunk[];
}

/** `<number>-<source>/<from>-<to>.<lines>.<skipped>`: all that resuming must know stands in the name. */
export function chunkName(
  { number, source }: Pick<LogSegment, 'number' | 'source'>,
  chunk: Omit<LogChunk, 'key'>,
): string {
  return `${String(number).padStart(4, '0')}-${source}/${linkName(chunk)}.${chunk.skipped}`;
}

/** The segments that are kept under a prefix, in order. Keys that are no chunks don't count. */
export function segmentsOf(prefix: string, keys: readonly string[]): readonly LogSegment[] {
  const segments = new Map<string, { number: number; source: string; chunks: LogChunk[] }>();
  for (const key of [...keys].sort()) {
    const match = /^(\d{4})-([^/]*)\/([^/]*)\.(\d+)$/.exec(key.slice(prefix.length + 1));
    if (match === null) continue;
    const [, number = '', source = '', name = '', skipped = ''] = match;
    const link = parseLinkName(name);
    if (link === undefined) continue;
    const segment = segments.get(`${number}-${source}`) ?? {
      number: Number(number),
      source,
      chunks: [],
    };
    segments.set(`${number}-${source}`, segment);
    segment.chunks.push({ ...link, skipped: Number(skipped), key });
  }
  return [...segments.values()]
    .map((segment) => ({ ...segment, chunks: longestChain(segment.chunks) }))
    .filter(({ chunks }) => chunks.length > 0);
}
