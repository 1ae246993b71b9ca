/** A value as text; null is the database's NULL. */
export type TableCell = string | null;
export type TablePages = AsyncIterable<readonly (readonly TableCell[])[]>;
