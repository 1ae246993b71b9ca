import type { Card } from './layout';
import type { Lines } from './lines';
import { sizes } from './measure';

/** How much wider than high the whole should be, about. */
const wantedAspect = 1.8;
const sweeps = 6;

/**
 * For thousands of tables, in linear time: each layer is a band of several columns of cards, so
 * that the whole is about as wide as a screen; within it a table stands near the height of those
 * that it is joined with. It sets the cards' places; lines go straight.
 */
export function bands(cards: readonly Card[], lines: Lines): Map<number, readonly number[]> {
  const index = new Map(cards.map(({ table }, place) => [table, place]));
  const graph = new Neighbours(
    cards.length,
    lines.map(([source, target]) => [index.get(source)!, index.get(target)!]),
  );
  const layers = ordered(graph, layersOf(graph));
  place(layers.map((layer) => layer.map((node) => cards[node]!)));
  return new Map();
}

class Neighbours {
  readonly into: number[][];
  readonly outOf: number[][];

  constructor(
    readonly length: number,
    lines: Lines,
  ) {
    this.into = Array.from({ length }, () => []);
    this.outOf = Array.from({ length }, () => []);
    for (const [source, target] of lines) {
      this.outOf[source]!.push(target);
      this.into[target]!.push(source);
    }
  }
}

/** By the longest way from a source; an edge that closes a cycle counts as turned round. */
function layersOf(graph: Neighbours): number[][] {
  const order = finished(graph);
  const place = new Int32Array(graph.length);
  order.forEach((node, at) => (place[node] = at));
  const layer = new Int32Array(graph.length);
  for (const node of order) {
    for (const next of graph.outOf[node]!) {
      if (place[next]! > place[node]!) layer[next] = Math.max(layer[next]!, layer[node]! + 1);
    }
  }
  // A source goes to where its first reader is, or all of them would stand far to the left.
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const node = order[at]!;
    const readers = graph.outOf[node]!.filter((next) => place[next]! > at);
    if (graph.into[node]!.length > 0 || readers.length === 0) continue;
    layer[node] = Math.min(...readers.map((next) => layer[next]!)) - 1;
  }
  const layers: number[][] = [];
  layer.forEach((number, node) => (layers[number] ??= []).push(node));
  return Array.from(layers, (nodes) => nodes ?? []).filter((nodes) => nodes.length > 0);
}

/** A topological order, as far as there is one: the reverse of the order in which a search leaves. */
function finished(graph: Neighbours): number[] {
  const seen = new Uint8Array(graph.length);
  const left: number[] = [];
  const roots = Array.from({ length: graph.length }, (_, node) => node);
  roots.sort((one, other) => graph.into[one]!.length - graph.into[other]!.length || one - other);
  for (const root of roots) {
    if (seen[root] === 1) continue;
    seen[root] = 1;
    const path: [node: number, next: number][] = [[root, 0]];
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const next = graph.outOf[top[0]]![top[1]++];
      if (next === undefined) {
        left.push(top[0]);
        path.pop();
      } else if (seen[next] === 0) {
        seen[next] = 1;
        path.push([next, 0]);
      }
    }
  }
  return left.reverse();
}

/** Each at the mean height of its neighbours, from the left and from the right in turn. */
function ordered(graph: Neighbours, layers: number[][]): number[][] {
  const height = new Float64Array(graph.length);
  const spread = (layer: readonly number[]) =>
    layer.forEach((node, at) => (height[node] = (at + 0.5) / layer.length));
  layers.forEach(spread);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const [neighbours, way] =
      sweep % 2 === 0 ? [graph.into, layers] : [graph.outOf, [...layers].reverse()];
    for (const layer of way) {
      const wanted = new Map(layer.map((node) => [node, mean(neighbours[node]!, height, node)]));
      layer.sort((one, other) => wanted.get(one)! - wanted.get(other)! || one - other);
      spread(layer);
    }
  }
  return layers;
}

function mean(neighbours: readonly number[], height: Float64Array, node: number): number {
  if (neighbours.length === 0) return height[node]!;
  return neighbours.reduce((sum, one) => sum + height[one]!, 0) / neighbours.length;
}

function place(layers: readonly (readonly Card[])[]): void {
  const cards = layers.flat();
  const width = (cards[0]?.width ?? 0) + sizes.gapBelow * 2;
  const area = cards.reduce((sum, card) => sum + (card.height + sizes.gapBelow) * width, 0);
  const wantedHeight = Math.sqrt(area / wantedAspect);
  let x = 0;
  for (const layer of layers) {
    const together = layer.reduce((sum, { height }) => sum + height + sizes.gapBelow, 0);
    const across = Math.max(1, Math.round(together / wantedHeight));
    const bottoms = new Array<number>(across).fill(0);
    for (const card of layer) {
      const column = bottoms.indexOf(Math.min(...bottoms));
      card.x = x + column * width;
      card.y = bottoms[column]!;
      bottoms[column] = card.y + card.height + sizes.gapBelow;
    }
    x += across * width + sizes.gapBeside;
  }
}
