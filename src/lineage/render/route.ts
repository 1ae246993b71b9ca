import type { Card, Layout } from './layout';
import { lineKey } from './lines';
import { sizes } from './measure';

/** A way of cubic curves: the start, then two handles and an end for each of them; x and y in turn. */
export type Curve = readonly number[];

/**
 * From the side of one card to the side of another, at the given heights. It leaves and arrives
 * level, passes between the tables on its way, and bulges where both stand one above the other.
 */
export function curveBetween(
  layout: Layout,
  from: Card,
  fromY: number,
  to: Card,
  toY: number,
): Curve {
  const isForward = from.x + from.width <= to.x;
  const isBackward = to.x + to.width <= from.x;
  if (!isForward && !isBackward) return bulge(from, fromY, to, toY);
  const via = layout.routes.get(lineKey(layout.cardOf.length, from.table, to.table)) ?? [];
  const start = [isForward ? from.x + from.width : from.x, fromY];
  const end = [isForward ? to.x : to.x + to.width, toY];
  const stops = [...start, ...via, ...end];
  const curve = [stops[0]!, stops[1]!];
  for (let at = 2; at < stops.length; at += 2) {
    const [x0, y0, x1, y1] = stops.slice(at - 2, at + 2) as [number, number, number, number];
    const reach = (x1 - x0) / 2;
    curve.push(x0 + reach, y0, x1 - reach, y1, x1, y1);
  }
  return curve;
}

function bulge(from: Card, fromY: number, to: Card, toY: number): Curve {
  const x0 = from.x + from.width;
  const x1 = to.x + to.width;
  const out = Math.max(x0, x1) + Math.min(sizes.gapBeside * 0.6, 24 + Math.abs(toY - fromY) / 6);
  return [x0, fromY, out, fromY, out, toY, x1, toY];
}

/** Where the edges of a column meet its card: its row, the last row for those without one, or the head. */
export function heightOf(card: Card, row: number): number {
  if (!card.open) return card.y + sizes.header / 2;
  const at = row < 0 ? card.rows.length : row;
  return card.y + sizes.header + (at + 0.5) * sizes.row;
}
