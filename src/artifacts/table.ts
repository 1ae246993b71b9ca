import type { PackedRows } from '../clients/packed-rows';

/** A value as text; null is the database's NULL. */
export type TableCell = string | null;
export type TableRow = readonly TableCell[];
export type TablePages = AsyncIterable<PageRows>;
/** Rows of one page: as values, or as bytes where they came as such. */
export type PageRows = readonly TableRow[] | PackedRows;
