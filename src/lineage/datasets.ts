import type { LineageColumn, LineageDataset } from './model';
import { folded, isUnnamed, nameParts, unquoted } from './names';
import type { RawLineage, RawObject } from './raw-lineage';

/** What the words say is no dataset but something within a statement, as the vendor lists them. */
const betweenTypes = new Set([
  ...['resultset', 'select_list', 'result_of', 'rs', 'cte', 'with_cte', 'alias', 'output', 'union'],
  ...['insert_select', 'insert_values', 'update_select', 'update_set'],
  ...['merge_insert', 'merge_update', 'merge_delete', 'pivot_table', 'unpivot_table'],
  ...['function', 'case_when', 'array', 'struct', 'constanttable', 'constant', 'variable'],
  ...['cursor', 'record', 'process'],
]);
/** It is printed as it is. */
const kindWord = /^[\w -]{1,40}$/;
const datasetTypes = new Set(['table', 'view']);
/** How the server names such things: `RS-1`, `INSERT-SELECT-2`, `CTE-REPORTS-1`. */
const betweenName =
  /^(?:rs|result_?of|cte|alias|output|union|(?:insert|update|merge|(?:un)?pivot)-[a-z]+|function|case-when|sql_constants)(?:-.*)?-\d+$/i;

/** Where a raw column ended up: a column of the lineage, or the number of one that lies between. */
export interface Settled {
  readonly datasets: LineageDataset[];
  readonly columns: LineageColumn[];
  /** For each raw column: an index into `columns`, or `columns.length` and more for one between. */
  readonly nodeOf: Uint32Array;
  readonly nodes: number;
}

interface Found {
  readonly key: string;
  readonly names: string[];
  readonly kinds: Set<string>;
  readonly columns: Map<string, string>;
}

/** Tells datasets from what lies between, gives each its key, and puts all in canonical order. */
export function settleDatasets(raw: RawLineage): Settled {
  const found = new Map<string, Found>();
  const kindsByName = new Map<string, string>();
  for (const object of raw.objects) {
    if (object.declared && object.type) {
      kindsByName.set(folded(object.declared.name), object.type);
    }
  }
  const byObject = raw.objects.map((object) => {
    if (object.declared === undefined) {
      for (const name of object.names) object.type ??= kindsByName.get(folded(name));
    }
    const parts = partsOf(object);
    if (parts === undefined || isBetween(object, parts)) return undefined;
    const name = parts.join('.');
    const key = folded(name);
    let dataset = found.get(key);
    if (!dataset)
      found.set(key, (dataset = { key, names: [], kinds: new Set(), columns: new Map() }));
    dataset.names.push(name);
    if (object.type) dataset.kinds.add(object.type);
    else if (object.section === 'views') dataset.kinds.add('view');
    return dataset;
  });
  return ordered(raw, [...found.values()], byObject);
}

function ordered(
  raw: RawLineage,
  found: Found[],
  byObject: readonly (Found | undefined)[],
): Settled {
  for (const [number, name] of raw.columnNames.entries()) {
    const dataset = byObject[raw.columnObjects[number] as number];
    if (!dataset) continue;
    const plain = unquoted(name);
    const key = folded(plain);
    const before = dataset.columns.get(key);
    if (before === undefined || plain < before) dataset.columns.set(key, plain);
  }
  found.sort((one, other) => compare(one.key, other.key));
  const datasets: LineageDataset[] = [];
  const columns: LineageColumn[] = [];
  const indexOf = new Map<Found, Map<string, number>>();
  for (const dataset of found) {
    const keys = [...dataset.columns.keys()].sort(compare);
    const indexes = new Map<string, number>();
    datasets.push({
      key: dataset.key,
      name: smallest(dataset.names),
      kind: kindOf(dataset.kinds),
      firstColumn: columns.length,
      columnCount: keys.length,
    });
    for (const key of keys) {
      indexes.set(key, columns.length);
      const name = dataset.columns.get(key) ?? key;
      const role = key === '*' ? 'star' : key === 'relationrows' ? 'rows' : 'column';
      columns.push({ key, name, dataset: datasets.length - 1, role, queried: false });
    }
    indexOf.set(dataset, indexes);
  }
  const nodeOf = new Uint32Array(raw.columnNames.length);
  let nodes = columns.length;
  for (const [number, name] of raw.columnNames.entries()) {
    const dataset = byObject[raw.columnObjects[number] as number];
    const index = dataset && indexOf.get(dataset)?.get(folded(unquoted(name)));
    nodeOf[number] = index ?? nodes;
    if (index === undefined) nodes += 1;
  }
  return { datasets, columns, nodeOf, nodes };
}

/** The spelling with most levels: a list may say `Address` where a relation says `Person.Address`. */
function partsOf(object: RawObject): string[] | undefined {
  const spellings = [...object.names].map(nameParts);
  if (object.declared) spellings.push(declaredParts(object.declared));
  const longest = Math.max(0, ...spellings.map(({ length }) => length));
  const candidates = spellings.filter(
    (parts) => parts.length === longest && parts.join('.').trim() !== '',
  );
  if (candidates.length === 0) return undefined;
  return candidates.reduce((one, other) => (one.join('.') <= other.join('.') ? one : other));
}

/** With the database and schema that it is listed under, unless the name has them already. */
function declaredParts({ name, scope, levels }: NonNullable<RawObject['declared']>): string[] {
  const above = levels.filter((level) => !isUnnamed(level)).map(unquoted);
  for (let level = scope; level; level = level.within) {
    if (level.level !== 'servers' && !isUnnamed(level.name)) above.unshift(unquoted(level.name));
  }
  const parts = nameParts(name);
  const given = parts.slice(0, -1).map(folded);
  const missing = above.slice(0, Math.max(0, above.length - given.length));
  const overlap = above.slice(missing.length).map(folded);
  return given.join('.') === overlap.join('.') ? [...missing, ...parts] : [...above, ...parts];
}

function isBetween({ type, section }: RawObject, parts: readonly string[]): boolean {
  const word = type?.replaceAll('-', '_');
  if (word !== undefined && betweenTypes.has(word)) return true;
  if (section === 'tables' || section === 'views') return false;
  if (word !== undefined && datasetTypes.has(word)) return false;
  return betweenName.test(parts[parts.length - 1] ?? '');
}

/** A table that is read in one file and made as a view in another is a view. */
function kindOf(kinds: ReadonlySet<string>): string {
  const special = [...kinds]
    .filter((kind) => kind !== 'table' && kindWord.test(kind))
    .sort(compare);
  return special.includes('view') ? 'view' : (special[0] ?? 'table');
}

function smallest(names: readonly string[]): string {
  return names.reduce((one, other) => (one <= other ? one : other));
}

/** By code units: the same everywhere, whatever the locale. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
