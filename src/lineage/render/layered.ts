import { graphlib, layout, ranker, type LayeredGraph, type Point } from './dagre';
import type { Card } from './layout';
import { lineKey, type Lines } from './lines';
import { sizes } from './measure';

/**
 * Layers with few crossings, after Sugiyama; it sets the cards' places. Answers where the lines that
 * pass over a layer go through it, between the tables there.
 */
export function layered(
  cards: readonly Card[],
  lines: Lines,
  tables: number,
): Map<number, readonly number[]> {
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: 'LR',
    ranker: ranker(cards.length),
    nodesep: sizes.gapBelow,
    edgesep: sizes.gapBelow / 2,
    ranksep: sizes.gapBeside,
  });
  for (const { table, width, height } of cards) graph.setNode(String(table), { width, height });
  for (const [source, target] of lines) graph.setEdge(String(source), String(target), {});
  if (cards.length > 0) layout(graph);
  for (const card of cards) {
    const { x, y } = graph.node(String(card.table));
    card.x = Math.round(x - card.width / 2);
    card.y = Math.round(y - card.height / 2);
  }
  return passages(graph, cards, lines, tables);
}

function passages(
  graph: LayeredGraph,
  cards: readonly Card[],
  lines: Lines,
  tables: number,
): Map<number, readonly number[]> {
  const byTable = new Map(cards.map((card) => [card.table, card]));
  const layers = [...new Set(cards.map(({ x }) => x))].sort((one, other) => one - other);
  const routes = new Map<number, readonly number[]>();
  for (const [source, target] of lines) {
    const from = byTable.get(source)!;
    const to = byTable.get(target)!;
    const [left, right] = from.x < to.x ? [from, to] : [to, from];
    const passed = layers.filter((x) => x > left.x && x < right.x);
    if (passed.length === 0) continue;
    const { points = [] } = graph.edge(String(source), String(target));
    if (from.x > to.x) passed.reverse();
    const route = passed.flatMap((x) => {
      const middle = x + from.width / 2;
      const y = Math.round(heightAt(points, middle));
      // Level across the whole layer, or it would touch the tables above or below.
      return from.x < to.x ? [x, y, x + from.width, y] : [x + from.width, y, x, y];
    });
    routes.set(lineKey(tables, source, target), route);
  }
  return routes;
}

function heightAt(points: readonly Point[], x: number): number {
  let nearest = points[0] ?? { x, y: 0 };
  for (const point of points) {
    if (Math.abs(point.x - x) < Math.abs(nearest.x - x)) nearest = point;
  }
  return nearest.y;
}
