/** Pairs of tables that are joined by an edge, without loops. */
export type Lines = readonly (readonly [source: number, target: number])[];

/** Names a pair among so many tables. */
export function lineKey(tables: number, source: number, target: number): number {
  return source * tables + target;
}
