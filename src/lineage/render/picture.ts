import { edgeKinds, type Lineage, type LineageColumn } from '../model';

/** What a comparison says of a table, column or edge; `changed` is a table that lost or gained some. */
export const marks = ['same', 'added', 'removed', 'changed'] as const;
export type Mark = (typeof marks)[number];

/** The numbers that stand for {@link marks} where there are many. */
export const same = 0;
export const added = 1;
export const removed = 2;
export const changed = 3;

export interface PictureTable {
  readonly name: string;
  readonly kind: string;
  /** Index into {@link marks}. */
  readonly mark: number;
  /** Its columns are `columns[first]` and the following. */
  readonly first: number;
  readonly count: number;
}

export interface PictureColumn {
  readonly name: string;
  readonly table: number;
  readonly role: LineageColumn['role'];
  /** Index into {@link marks}. */
  readonly mark: number;
}

/** Columns of numbers, as in a lineage; a million edges must stay cheap in a browser too. */
export interface PictureEdges {
  readonly length: number;
  /** Indexes into `columns`. */
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Indexes into {@link edgeKinds}. */
  readonly kind: Uint8Array;
  /** Indexes into {@link marks}. */
  readonly mark: Uint8Array;
}

/** All that is drawn: a lineage, or what two of them have together, each part with its mark. */
export interface Picture {
  readonly title: string;
  /** True where there are marks to look at. */
  readonly compared: boolean;
  readonly tables: readonly PictureTable[];
  readonly columns: readonly PictureColumn[];
  readonly edges: PictureEdges;
  /** Statements or names that the server could not parse or resolve: the picture may lack some. */
  readonly errors: number;
}

/** `DW.Sales.amount`; the rows of a table are called by the table alone. */
export function columnTitle(picture: Picture, column: number): string {
  const { name, table, role } = picture.columns[column]!;
  const owner = picture.tables[table]!.name;
  return role === 'rows' ? `${owner} (rows)` : `${owner}.${name}`;
}

/** What stands in the row of a column. */
export function rowLabel({ name, role }: Pick<PictureColumn, 'name' | 'role'>): string {
  return role === 'rows' ? '(rows)' : role === 'star' ? '* (all columns)' : name;
}

/** The picture of a lineage that is compared with none. */
export function pictureOf(lineage: Lineage, title: string): Picture {
  const { edges } = lineage;
  return {
    title: shown(title),
    compared: false,
    tables: lineage.datasets.map(({ name, kind, firstColumn, columnCount }) => ({
      name: shown(name),
      kind,
      mark: same,
      first: firstColumn,
      count: columnCount,
    })),
    columns: lineage.columns.map(({ name, dataset, role }) => ({
      name: shown(name),
      table: dataset,
      role,
      mark: same,
    })),
    edges: {
      length: edges.length,
      source: edges.source,
      target: edges.target,
      kind: edges.kind,
      mark: new Uint8Array(edges.length),
    },
    errors: lineage.errors.length,
  };
}

/**
 * Names come from SQL that anybody wrote: what would turn the reading direction, or can't be seen,
 * is shown as a box.
 */
export function shown(name: string): string {
  return name.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    '\ufffd',
  );
}

export { edgeKinds };
