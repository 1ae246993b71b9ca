/** A value as text; null is the database's NULL. */
export type TableCell = string | null;
export type TableRow = readonly TableCell[];
export type TablePages = AsyncIterable<readonly TableRow[]>;
