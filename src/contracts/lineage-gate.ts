/** How much lineage there is, and what became different. Small: it travels through history. */
export interface LineageCounts {
  readonly datasets: number;
  readonly columns: number;
  readonly edges: number;
  /** Files or statements that the server could not parse, and columns that it could only guess. */
  readonly errors: number;
  /** Against the revision that this one was compared with; absent where there was none. */
  readonly change?: {
    readonly edgesAdded: number;
    readonly edgesRemoved: number;
    readonly columnsAdded: number;
    readonly columnsRemoved: number;
    readonly datasetsAdded: number;
    readonly datasetsRemoved: number;
  };
}

/** When a refresh must not become the latest revision by itself. Every limit that is given counts. */
export interface LineageGate {
  /** Closes when more edges than this vanish. */
  readonly maxRemovedEdges?: number;
  /** Closes when more than this share of the edges vanishes, in percent: above 0, at most 100. */
  readonly maxRemovedPercent?: number;
  /** Datasets (`schema.table`, `*` for any characters) that must not lose all their sources, nor vanish. */
  readonly protect?: readonly string[];
  /** Closes when more files or statements than this failed to parse. */
  readonly maxParseErrors?: number;
  /** What a closed gate does. @default 'fail' */
  readonly onClosed?: 'fail' | 'approve';
  /** How long an approval is waited for, in milliseconds. @default 24 hours */
  readonly approveWithinMs?: number;
}

/** Whether a refresh may become the latest revision. */
export interface GateVerdict {
  readonly closed: boolean;
  /** Sentences with the limit and what was found; at most 20. */
  readonly reasons: readonly string[];
}

/** Where OpenLineage events go. */
export interface PublishOptions {
  /** An `openlineage` target of the worker's configuration: an HTTP endpoint or a folder. */
  readonly target: string;
  /** Namespace of the jobs in the events. @default the target's, else `remote-jobs/<connection>` */
  readonly jobNamespace?: string;
  /**
   * Namespace of the datasets, as the catalog has it: `hive://warehouse:10000`.
   * @default the target's, else of the dbvendor and the connection: `hive://<connection>`
   */
  readonly datasetNamespace?: string;
}
