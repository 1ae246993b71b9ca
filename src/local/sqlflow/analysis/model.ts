import type { Place } from './source-text';

export type RelationType = 'fdd' | 'fdr' | 'frd' | 'join';

/** A table's parts as the job sees them: defaults filled in, levels that the vendor lacks left out. */
export interface ObjectName {
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
}

export interface LineageColumn {
  readonly id: number;
  name: string;
  readonly places: Place[];
  /** Stands for the object's rows, not for one of its columns. */
  readonly rows?: true;
}

export interface LineageObject extends ObjectName {
  readonly id: number;
  readonly kind: 'table' | 'view' | 'resultset';
  readonly columns: LineageColumn[];
  readonly places: Place[];
}

export interface LineageProcess {
  readonly id: number;
  readonly name: string;
  /** MD5 of the statement's text. */
  readonly queryHashId: string;
  readonly places: Place[];
}

export interface ColumnUse {
  /** Id of a column. */
  readonly column: number;
  readonly place?: Place;
}

export interface LineageRelation {
  readonly id: number;
  readonly type: RelationType;
  /** The argument of a COUNT, which is direct only when the reader asks for it. */
  readonly counted?: true;
  readonly effect: string;
  readonly target: ColumnUse;
  readonly sources: readonly ColumnUse[];
  readonly process?: number;
  /** Of a join. */
  readonly condition?: string;
}

export interface LineageError {
  readonly errorMessage: string;
  readonly errorType: 'SyntaxHint' | 'LinkOrphanColumn';
  readonly place: Place;
}

/** What was found in the files of one job. */
export interface Lineage {
  readonly objects: readonly LineageObject[];
  readonly processes: readonly LineageProcess[];
  readonly relations: readonly LineageRelation[];
  readonly errors: readonly LineageError[];
  /** Statements that were understood. */
  readonly statements: number;
}
