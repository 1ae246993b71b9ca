/**
 * - `fdd`: the source's value flows into the target. - `frd`: the number of the source's rows does,
 * as in COUNT. - `fdr`: the source decides which rows the target has, as in WHERE. - `join`: the two
 * are compared in a join; nothing flows. - `call`: a procedure calls another. - `other`: a word that
 * this version doesn't know.
 */
export const edgeKinds = ['fdd', 'frd', 'fdr', 'join', 'call', 'other'] as const;
/** What SQLFlow calls the relation of two columns. */
export type EdgeKind = (typeof edgeKinds)[number];

/** Along these something flows from source to target; upstream and downstream follow them alone. */
export const flowKinds: ReadonlySet<EdgeKind> = new Set(['fdd', 'frd', 'fdr']);

/** Something that is there outside of a query; result sets and the like are never in a {@link Lineage}. */
export interface LineageDataset {
  /**
   * Identity: the name's parts in lower case without quotes, joined by dots; unnamed levels
   * (`DEFAULT`, empty) left out: `dw.sales`.
   */
  readonly key: string;
  /** As the server spells it, without quotes and unnamed levels: `DW.Sales`. */
  readonly name: string;
  /** `table`, `view`, or another word of the server's in lower case, such as `stage`, `procedure`. */
  readonly kind: string;
  /** Its columns are `columns[firstColumn]` and the following; a dataset may have none. */
  readonly firstColumn: number;
  readonly columnCount: number;
}

/** A column of a dataset. */
export interface LineageColumn {
  /** Identity within its dataset: lower case, without quotes. */
  readonly key: string;
  readonly name: string;
  /** Index into `datasets`. */
  readonly dataset: number;
  /**
   * `rows` stands for the rows of the dataset (the server's `RelationRows`): the end of `fdr` and
   * the beginning of `frd` edges, and no column to count. `star` stands for all columns: every
   * column of a table-to-table export, and of a `select *` from a table of unknown columns.
   */
  readonly role: 'column' | 'rows' | 'star';
  /** True where a query reads it whose result goes nowhere: no edge tells of that. */
  readonly queried: boolean;
}

/** Edges as columns of numbers, so that a million of them is cheap. One edge for each source, target and kind. */
export interface LineageEdges {
  readonly length: number;
  /** Indexes into `columns`. */
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Indexes into {@link edgeKinds}. */
  readonly kind: Uint8Array;
  /** Indexes into `effects`; where several statements make an edge, the alphabetically first. */
  readonly effect: Uint16Array;
  /** Indexes into `processes`, or -1; where several statements make an edge, one of them. */
  readonly process: Int32Array;
}

/** A statement that makes edges. Nothing of it is compared: its number and its text's hash change. */
export interface LineageProcess {
  /** `QUERY INSERT-1` */
  readonly name: string;
  /** MD5 of the statement's text, as the server says. */
  readonly queryHash?: string;
}

/** What the server could not parse or resolve, as far as it tells where. */
export interface LineageModelError {
  readonly message: string;
  /** The vendor's word: `SyntaxHint`, `LinkOrphanColumn`. */
  readonly type?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

/**
 * Lineage between datasets, in canonical form: what lay between (result sets, CTEs, statements) is
 * composed away, and everything is sorted by key in code-unit order: datasets; columns by dataset,
 * then key; edges by target, source, kind; errors by file, line, column, message. So two exports of the same
 * lineage have the same keys, kinds and edges, whatever ids, order, numbers or letter case the
 * server chose; only `name`, `processes` and `notice` may be spelled otherwise.
 */
export interface Lineage {
  /** The server's `dbvendor`, such as `dbvhive`. */
  readonly dialect?: string;
  readonly datasets: readonly LineageDataset[];
  readonly columns: readonly LineageColumn[];
  readonly edges: LineageEdges;
  /** In lower case, sorted: `create_view`, `insert`. */
  readonly effects: readonly string[];
  readonly processes: readonly LineageProcess[];
  readonly errors: readonly LineageModelError[];
  /**
   * What the server said of the whole export: the envelope's `error` beside code 200 or 203 ("data
   * with warnings"); at most 50 texts, each cut. Absent where there was nothing of the kind.
   */
  readonly notice?: { readonly code: 200 | 203; readonly words: readonly string[] };
}

/** `DW.Sales.amount`: a column as a person writes it. */
export function columnName(lineage: Lineage, column: number): string {
  const { name, dataset } = at(lineage.columns, column);
  return `${at(lineage.datasets, dataset).name}.${name}`;
}

/** An element that must be there. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`index ${index} of ${list.length}`);
  return found;
}
