/** Edges by one of their ends: those of node n are `order[start[n]]` to `order[start[n + 1]]`. */
export function grouped(
  end: ArrayLike<number>,
  nodes: number,
  isWanted: (edge: number) => boolean = () => true,
): { start: Uint32Array; order: Uint32Array } {
  const start = new Uint32Array(nodes + 1);
  for (let edge = 0; edge < end.length; edge += 1) {
    if (isWanted(edge)) start[(end[edge] as number) + 1]! += 1;
  }
  for (let node = 0; node < nodes; node += 1) start[node + 1]! += start[node] as number;
  const next = start.slice();
  const order = new Uint32Array(start[nodes] as number);
  for (let edge = 0; edge < end.length; edge += 1) {
    if (isWanted(edge)) order[next[end[edge] as number]!++] = edge;
  }
  return { start, order };
}
