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

/** Bytes that only a quoted field may hold. */
const needsQuotes = new Uint8Array(256);
for (const byte of [quote, comma, carriageReturn, lineFeed]) needsQuotes[byte] = 1;

/** {@link csvRecord} of many rows whose cells never become texts. */
export function csvRecords(
  { bytes, starts, ends, length, width }: PackedRows,
  sink: ByteSink,
): void {
  let to = sink.length;
  let cell = 0;
  for (let row = 0; row < length; row += 1) {
    sink.length = to;
    // A field is its bytes, each of which may be a quote to double, two quotes and what ends it.
    sink.reserve(2 * textBytes(starts, ends, cell, cell + width) + 3 * width + 2);
    const out = sink.bytes;
    for (const rowEnd = cell + width; cell < rowEnd; cell += 1) {
      const start = starts[cell] as number;
      if (start >= 0) {
        const end = ends[cell] as number;
        const fieldStart = to;
        let at = start;
        for (let byte = 0; at < end; at += 1) {
          byte = bytes[at] as number;
          if (needsQuotes[byte] === 1) break;
          out[to++] = byte;
        }
        if (at < end || start === end) to = quoted(bytes, start, end, out, fieldStart);
      }
      out[to++] = comma;
    }
    out[to - 1] = carriageReturn;
    out[to++] = lineFeed;
  }
  sink.length = to;
}

function textBytes(starts: Int32Array, ends: Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let cell = from; cell < to; cell += 1) {
    // Where it is NULL both may be -1.
    sum += (ends[cell] as number) - (starts[cell] as number);
  }
  return sum;
}

function quoted(from: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
  let to = at;
  out[to++] = quote;
  for (let index = start; index < end; index += 1) {
    const byte = from[index] as number;
    if (byte === quote) out[to++] = quote;
    out[to++] = byte;
  }
  out[to++] = quote;
  return to;
}
