/** What a stored artifact holds. `file` is a staged input of any kind. */
export type ArtifactFormat =
  | 'json'
  | 'jsonl'
  | 'csv'
  | 'graphml'
  | 'xlsx'
  | 'parquet'
  | 'html'
  | 'markdown'
  | 'text'
  | 'zip'
  | 'sql'
  | 'file'
  | 'binary';

/**
 * A reference to bytes in the artifact store. References travel through Temporal's history; the
 * bytes never do.
 */
export interface ArtifactRef {
  /** `artifact:<key>`: resolved by whichever artifact store the worker is configured with. */
  readonly uri: string;
  readonly format: ArtifactFormat;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Data rows, the header not counted; tables only. */
  readonly rows?: number;
  /** Column names in order; tables only. */
  readonly columns?: readonly string[];
}

/** An input file as it was when the caller staged it. */
export interface StagedFile {
  /** Relative path with `/`, unique within one submission; it is what the service will see. */
  readonly name: string;
  readonly artifact: ArtifactRef;
}
