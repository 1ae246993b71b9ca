import { PackedRows } from '../../src/clients/packed-rows';
import type { LinkisPackedPage } from '../../src/clients/linkis/public';
import type { ReadRows } from './row-reader';

type Rows = LinkisPackedPage['rows'];

/** What the rows of one page may take together, as they come, in bytes. */
const mostPageBytes = 16 * 2 ** 20;
/** Beyond it a few rows don't hold on to all the bytes that came with them. */
const mostSharedBytes = 8 * 2 ** 20;

/** Rows so wide that a page of so many doesn't fit into memory. */
export class WideRowsError extends Error {
  constructor(
    /** How many would: a power of two. */
    readonly pageRows: number,
  ) {
    super(`the rows are too wide for larger pages than ${pageRows} rows`);
  }
}

/**
 * Pages of the same number of rows each, but for the last, whatever numbers of rows they are made
 * of: so that a page's number tells its first row, in each attempt, whoever wrote the pages before.
 */
export class EqualPages {
  #begun: Rows[] = [];
  #bytes = 0;

  /** @param pageRows a power of two */
  constructor(private readonly pageRows: number) {}

  /**
   * Pages that are whole with these rows; each is valid until the next rows are read.
   *
   * @throws WideRowsError
   */
  *add({ page, asked }: ReadRows): Generator<LinkisPackedPage> {
    const { pageRows } = this;
    const { rows, isLast } = page;
    // Powers of two: rows are several pages, or a part of one, and never reach into the next.
    if (asked >= pageRows) {
      if (rows.length <= pageRows) yield page;
      else {
        for (let from = 0; from < rows.length; from += pageRows) {
          const to = Math.min(from + pageRows, rows.length);
          yield { ...page, rows: slice(rows, from, to), isLast: isLast && to === rows.length };
        }
      }
      return;
    }
    // The memory that they came in is used again.
    this.#begun.push(rows instanceof PackedRows ? rows.copy() : rows);
    this.#bytes += page.sizeBytes;
    if (this.#bytes > mostPageBytes) throw new WideRowsError(asked);
    const count = this.#begun.reduce((sum, { length }) => sum + length, 0);
    if (count < pageRows && !isLast) return;
    const joined = join(this.#begun);
    this.#begun = [];
    this.#bytes = 0;
    yield { ...page, rows: joined };
  }
}

function slice(rows: Rows, from: number, to: number): Rows {
  if (!(rows instanceof PackedRows)) return rows.slice(from, to);
  const { width, bytes } = rows;
  const starts = rows.starts.subarray(from * width, to * width);
  const ends = rows.ends.subarray(from * width, to * width);
  const part = new PackedRows(bytes, starts, ends, to - from, width);
  // Who writes a page makes room by its bytes.
  return bytes.length > mostSharedBytes ? joinPacked([part]) : part;
}

function join(parts: readonly Rows[]): Rows {
  const filled = parts.filter(({ length }) => length > 0);
  const packed = filled.flatMap((rows) => (rows instanceof PackedRows ? [rows] : []));
  return packed.length === filled.length ? joinPacked(packed) : filled.flatMap((rows) => [...rows]);
}

/** Some rows, then others, in memory that holds nothing else. */
function joinPacked(parts: readonly PackedRows[]): PackedRows {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const width = parts[0]?.width ?? 0;
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.textBytes(), 0));
  const starts = new Int32Array(length * width).fill(-1);
  const ends = new Int32Array(length * width).fill(-1);
  let at = 0;
  let cell = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length * width; from += 1, cell += 1) {
      const start = part.starts[from] as number;
      if (start < 0) continue;
      starts[cell] = at;
      bytes.set(part.bytes.subarray(start, part.ends[from]), at);
      at += (part.ends[from] as number) - start;
      ends[cell] = at;
    }
  }
  return new PackedRows(bytes, starts, ends, length, width);
}
