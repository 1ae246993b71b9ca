export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A graph that dagre lays out. */
export interface LayeredGraph {
  setGraph(options: Readonly<Record<string, string | number>>): void;
  setNode(name: string, size: { width: number; height: number }): void;
  setEdge(from: string, to: string, label: object): void;
  /** After the layout: its middle. */
  node(name: string): Point;
  /** After the layout; `x` and `y` are the middle of its label, where it has one. */
  edge(from: string, to: string): Partial<Point> & { readonly points?: readonly Point[] };
  /** After the layout: the size of all of it. */
  graph(): { readonly width?: number; readonly height?: number };
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- its declarations are for ES modules alone, its CommonJS form is for us
export const { graphlib, layout } = require('@dagrejs/dagre') as {
  readonly graphlib: { readonly Graph: new () => LayeredGraph };
  readonly layout: (graph: LayeredGraph) => void;
};

/** Beyond this many nodes the best layers take minutes; good ones take parts of a second. */
const mostForBestLayers = 100;

export function ranker(nodes: number): 'network-simplex' | 'tight-tree' {
  return nodes <= mostForBestLayers ? 'network-simplex' : 'tight-tree';
}
