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
    for (let row = 0; row < rows.length; row += 1) {
      sink.reserve(keysBytes + 2);
      for (const [column, key] of keys.entries()) value(rows, row, column, key, sink);
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

/** Bytes that JSON has escapes for; in a text without them nothing else is changed. */
const needsEscape = new Uint8Array(256).fill(1, 0, 0x20);
needsEscape[quote] = needsEscape[backslash] = 1;

function value(
  rows: PackedRows,
  row: number,
  column: number,
  key: Uint8Array,
  sink: ByteSink,
): void {
  const cell = row * rows.width + column;
  const start = rows.starts[cell] as number;
  const length = start < 0 ? nullText.length : (rows.ends[cell] as number) - start;
  // Behind it there may be the row's end.
  sink.reserve(key.length + length + 4);
  const { bytes } = sink;
  let to = sink.length;
  for (let index = 0; index < key.length; index += 1) bytes[to++] = key[index] as number;
  if (start < 0) {
    sink.length = to + nullText.copy(bytes, to);
    return;
  }
  const textStart = to;
  bytes[to++] = quote;
  const end = start + length;
  for (let at = start; at < end; at += 1) {
    const byte = rows.bytes[at] as number;
    if (needsEscape[byte] === 1) {
      sink.length = textStart;
      sink.text(JSON.stringify(rows.cell(row, column)));
      sink.reserve(2);
      return;
    }
    bytes[to++] = byte;
  }
  bytes[to++] = quote;
  sink.length = to;
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
