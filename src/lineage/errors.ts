/**
 * - `NotLineage`: it is something else, or a refusal. - `Truncated`: it ends too early.
 * - `SummaryOnly`: counts, no lineage. - `TooLarge`: beyond a limit of the reader.
 * - `NoSuchRevision`: the chain has no such revision in this store.
 */
export type LineageErrorCode =
  | 'Lineage.NotLineage'
  | 'Lineage.Truncated'
  | 'Lineage.SummaryOnly'
  | 'Lineage.TooLarge'
  | 'Lineage.NoSuchRevision';

/** Lineage that can't be read or worked with. */
export class LineageError extends Error {
  override readonly name = 'LineageError';

  constructor(
    readonly code: LineageErrorCode,
    message: string,
  ) {
    super(message);
  }
}
