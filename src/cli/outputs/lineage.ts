import type { LineageCounts } from '../../contracts/lineage-gate';
import type { PublishedLineage } from '../../contracts/lineage-publish';
import type { ColumnEntry, ColumnPlace, DatasetEntry, EdgeEntry } from '../../lineage/diff-entries';
import type { EdgeKind, LineageModelError } from '../../lineage/model';

export interface LineageEdgeDocument {
  readonly source: ColumnPlace;
  readonly target: ColumnPlace;
  readonly kind: EdgeKind;
  readonly effect: string;
}

/** All of a lineage, in canonical form. */
export interface LineageDocument {
  /** What was read: a file, or a revision of a chain. */
  readonly source: string;
  readonly dialect?: string;
  readonly counts: LineageCounts;
  readonly datasets: readonly {
    readonly name: string;
    readonly kind: string;
    readonly columns: readonly string[];
  }[];
  readonly edges: readonly LineageEdgeDocument[];
  readonly errors: readonly LineageModelError[];
}

/** What a column or a dataset reaches. */
export interface ReachDocument {
  readonly of: string;
  /** More lies beyond `--depth`. */
  readonly cut: boolean;
  /** The nearest first. */
  readonly found: readonly (ColumnPlace & { readonly distance: number })[];
  readonly edges: readonly LineageEdgeDocument[];
}

/** With `--upstream`, `--downstream`, `--unused`: an answer to each. */
export interface LineageAnswersDocument {
  readonly source: string;
  readonly upstream?: ReachDocument;
  readonly downstream?: ReachDocument;
  readonly unused?: {
    readonly columns: readonly ColumnPlace[];
    readonly datasets: readonly string[];
  };
}

/** `diff.json` is the same. */
export interface LineageDiffDocument {
  readonly version: 1;
  readonly before: LineageCounts;
  readonly after: LineageCounts;
  readonly change: NonNullable<LineageCounts['change']>;
  readonly datasets: readonly DatasetEntry[];
  readonly columns: readonly ColumnEntry[];
  readonly edges: readonly EdgeEntry[];
}

/** With `--out`; without it `lineage render` prints the picture itself. */
export interface RenderedDocument {
  readonly source: string;
  readonly diffWith?: string;
  /** The file. */
  readonly out: string;
  readonly format: 'html' | 'svg';
}

/** With `--out`: the events in a file, a line each. */
export interface LineageEventsDocument {
  readonly source: string;
  readonly out: string;
  readonly events: number;
}

export interface PublishedDocument extends PublishedLineage {
  readonly source: string;
}
