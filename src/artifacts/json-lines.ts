import type { TableCell } from './table';

/** One JSON object a row, its keys in the columns' order. */
export function jsonLinesRow(columns: readonly string[]): (cells: readonly TableCell[]) => string {
  // Written by hand: an object would put a column named "2024" before all others.
  const keys = uniqueNames(columns).map((name) => `${JSON.stringify(name)}:`);
  return (cells) =>
    `{${cells.map((cell, index) => `${keys[index]}${JSON.stringify(cell)}`).join(',')}}\n`;
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
