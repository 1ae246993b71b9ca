import { at, columnName, type Lineage } from './model';
import { folded, nameParts } from './names';

/** What a person's word for a column or a dataset stands for. */
export type Found =
  | { readonly kind: 'dataset'; readonly name: string; readonly columns: readonly number[] }
  | { readonly kind: 'column'; readonly name: string; readonly columns: readonly [number] }
  /** Several have that name's ending: all of their names, at most 10. */
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] }
  | { readonly kind: 'unknown' };

/**
 * Finds `dw.sales` or `dw.sales.amount`, without regard to case and quotes; the first levels may be
 * left out where only one has the rest.
 */
export function findByName(lineage: Lineage, name: string): Found {
  const key = folded(nameParts(name).join('.'));
  const exact = candidates(lineage, (full) => full === key);
  if (exact.length > 0) return chosen(lineage, exact);
  return chosen(
    lineage,
    candidates(lineage, (full) => full.endsWith(`.${key}`)),
  );
}

interface Candidate {
  readonly dataset: number;
  readonly column?: number;
}

function candidates(lineage: Lineage, fits: (key: string) => boolean): Candidate[] {
  const found: Candidate[] = [];
  for (const [dataset, { key, firstColumn, columnCount }] of lineage.datasets.entries()) {
    if (fits(key)) found.push({ dataset });
    for (let column = firstColumn; column < firstColumn + columnCount; column += 1) {
      if (fits(`${key}.${at(lineage.columns, column).key}`)) found.push({ dataset, column });
    }
  }
  return found;
}

function chosen(lineage: Lineage, found: readonly Candidate[]): Found {
  // A dataset that is named in full comes before a column of another.
  const whole = found.filter(({ column }) => column === undefined);
  const [only, ...others] = whole.length === 1 ? whole : found;
  if (only === undefined) return { kind: 'unknown' };
  if (others.length > 0) {
    return { kind: 'ambiguous', names: found.slice(0, 10).map((one) => nameOf(lineage, one)) };
  }
  const name = nameOf(lineage, only);
  if (only.column !== undefined) return { kind: 'column', name, columns: [only.column] };
  const { firstColumn, columnCount } = at(lineage.datasets, only.dataset);
  const columns = Array.from({ length: columnCount }, (_, index) => firstColumn + index);
  return { kind: 'dataset', name, columns };
}

function nameOf(lineage: Lineage, { dataset, column }: Candidate): string {
  return column === undefined ? at(lineage.datasets, dataset).name : columnName(lineage, column);
}

/** Names of datasets and columns, with as many of their last levels as the given name has. */
export function namesLike(lineage: Lineage, name: string): string[] {
  const levels = nameParts(name).length;
  const tail = (full: string) => full.split('.').slice(-levels).join('.');
  return [
    ...new Set([
      ...lineage.datasets.map((dataset) => tail(dataset.name)),
      ...lineage.columns.map((_, column) => tail(columnName(lineage, column))),
    ]),
  ];
}
