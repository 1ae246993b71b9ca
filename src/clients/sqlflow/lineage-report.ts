/** Looks at an export chunk by chunk, at constant memory whatever its size. */
export interface ExportCheck<R extends LineageReport> {
  /** @throws as `checkedExport` says, as soon as it is sure */
  push(chunk: Uint8Array): void;
  /** Call it once, after the last chunk. */
  finish(): R;
}

/** What a JSON export held. */
export interface LineageJsonReport {
  readonly format: 'json';
  /** `global` as a rule. */
  readonly mode?: string;
  readonly relationships: number;
  /** What the server could not parse or resolve, from `sqlflow.errors[]`; at most 50. */
  readonly modelErrors: readonly string[];
}

/** What a CSV export held. */
export interface LineageCsvReport {
  readonly format: 'csv';
  readonly columns: readonly string[];
  /** The header not counted. */
  readonly rows: number;
}

/** That a GraphML export was whole. */
export interface LineageGraphmlReport {
  readonly format: 'graphml';
}

/** What a checked export held, by its format. */
export type LineageReport = LineageJsonReport | LineageCsvReport | LineageGraphmlReport;
