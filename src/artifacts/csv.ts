import type { PackedRows } from '../clients/packed-rows';
import type { ByteSink } from '../clients/byte-sink';
import type { TableCell } from './table';

/**
 * RFC 4180 with a header. NULL is an empty field and the empty text is `""`, so that readers which
 * look (DuckDB, PostgreSQL's COPY) tell them apart. In a table of one column NULL is an empty line.
 */
export function csvRecord(cells: readonly TableCell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

function field(cell: TableCell): string {
  if (cell === null) return '';
  if (cell === '') return '""';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** {@link csvRecord} of many rows whose cells never become texts. */
export function csvRecords(rows: PackedRows, sink: ByteSink): void {
  const { bytes, starts, ends, length, width } = rows;
  // A field is its bytes, each of which may be a quote to double, two quotes and what ends it.
  sink.reserve(2 * rows.textBytes() + 3 * length * width + 2 * length);
  const out = sink.bytes;
  let to = sink.length;
  let cell = 0;
  // One loop, and no function for a field: what the engine makes of calls differs from run to run.
  for (let row = 0; row < length; row += 1) {
    for (let column = 0; column < width; column += 1, cell += 1) {
      const start = starts[cell] as number;
      if (start >= 0) {
        const end = ends[cell] as number;
        const fieldAt = to;
        let at = start;
        for (; at < end; at += 1) {
          const byte = bytes[at] as number;
          // All of them come before the digits and letters: one look is enough for most bytes.
          if (byte <= comma && needsQuotes(byte)) break;
          out[to++] = byte;
        }
        if (at < end || start === end) to = putQuoted(bytes, start, end, out, fieldAt);
      }
      out[to++] = comma;
    }
    out[to - 1] = carriageReturn;
    out[to++] = lineFeed;
  }
  sink.length = to;
}

function needsQuotes(byte: number): boolean {
  return byte === comma || byte === quote || byte === lineFeed || byte === carriageReturn;
}

function putQuoted(
  from: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  fieldAt: number,
): number {
  let to = fieldAt;
  out[to++] = quote;
  for (let index = start; index < end; index += 1) {
    const byte = from[index] as number;
    if (byte === quote) out[to++] = quote;
    out[to++] = byte;
  }
  out[to++] = quote;
  return to;
}
