import type { PackedRows } from '../clients/packed-rows';
import type { ByteSink } from '../clients/byte-sink';
import type { TableCell } from './table';

/** One JSON object a row, its keys in the columns' order. */
export function jsonLinesRow(columns: readonly string[]): (cells: readonly TableCell[]) => string {
  // Written by hand: an object would put a column named "2024" before all others.
  const keys = uniqueNames(columns).map((name) => `${JSON.stringify(name)}:`);
  return (cells) =>
    `{${cells.map((cell, index) => `${keys[index]}${JSON.stringify(cell)}`).join(',')}}\n`;
}

/** {@link jsonLinesRow} of many rows, whose cells become texts only where they need escapes. */
export function jsonLinesRows(
  columns: readonly string[],
): (rows: PackedRows, sink: ByteSink) => void {
  // What stands before each value: the first brace, or the comma behind the value before.
  const keys = uniqueNames(columns).map((name, index) =>
    Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
  );
  const keysBytes = keys.reduce((sum, key) => sum + key.length, 0);
  return (rows, sink) => {
    // As long as no text needs escapes: its two quotes, or null, and what ends the row.
    const roomBytes =
      rows.textBytes() + rows.length * (keysBytes + nullText.length * rows.width + 2);
    sink.reserve(roomBytes);
    let cell = 0;
    for (let row = 0; row < rows.length; row += 1) {
      for (let column = 0; column < rows.width; column += 1, cell += 1) {
        const textAt = putBytes(keys[column] as Uint8Array, sink.bytes, sink.length);
        const end = putText(rows, cell, sink.bytes, textAt);
        if (end < 0) {
          sink.length = textAt;
          sink.text(JSON.stringify(rows.cell(row, column)));
          sink.reserve(roomBytes);
        } else {
          sink.length = end;
        }
      }
      sink.bytes[sink.length++] = closeBrace;
      sink.bytes[sink.length++] = lineFeed;
    }
  };
}

const quote = 0x22;
const backslash = 0x5c;
const closeBrace = 0x7d;
const lineFeed = 0x0a;
const nullText = Buffer.from('null');

/** @returns where it ends; -1 where JSON has escapes for some of its bytes */
function putText(
  { bytes, starts, ends }: PackedRows,
  cell: number,
  out: Buffer,
  at: number,
): number {
  const start = starts[cell] as number;
  if (start < 0) return putBytes(nullText, out, at);
  const end = ends[cell] as number;
  let to = at;
  out[to++] = quote;
  for (let from = start; from < end; from += 1) {
    const byte = bytes[from] as number;
    if (byte < 0x20 || byte === quote || byte === backslash) return -1;
    out[to++] = byte;
  }
  out[to++] = quote;
  return to;
}

/** A few bytes: one by one they are faster than a call that copies them. */
function putBytes(from: Uint8Array, out: Buffer, at: number): number {
  for (let index = 0; index < from.length; index += 1) out[at + index] = from[index] as number;
  return at + from.length;
}

/** Appends `_2`, `_3`, … to a name that stood before; a name that is free keeps its spelling. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 2; seen.has(unique); count += 1) {
      const candidate = `${name}_${count}`;
      if (!taken.has(candidate)) unique = candidate;
    }
    seen.add(unique);
    taken.add(unique);
    return unique;
  });
}
