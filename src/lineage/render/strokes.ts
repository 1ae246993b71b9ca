import type { Card, Layout } from './layout';
import { added, changed, removed, type Picture } from './picture';
import { isFlow } from './reach';
import { curveBetween, heightOf, type Curve } from './route';
import { edgeKinds } from '../model';

/** How a line looks: a value that flows, an influence on rows or their number, or no flow at all. */
export const looks = ['value', 'influence', 'other'] as const;
const value = 0;

/** One line that is drawn: the edges between two rows, or between tables that are closed. */
export interface Stroke {
  readonly from: Card;
  readonly to: Card;
  readonly curve: Curve;
  /** Index into {@link looks}: that of its edge which says most. */
  look: number;
  /** Index into marks; `changed` where it stands for different ones. */
  mark: number;
  /** How many edges it stands for. */
  edges: number;
}

export interface Strokes {
  readonly all: readonly Stroke[];
  /** By edge: its stroke, or -1 where it isn't drawn. */
  readonly ofEdge: Int32Array;
}

/** The look of a kind of edge. */
function lookOf(kind: number): number {
  if (edgeKinds[kind] === 'fdd') return value;
  return isFlow(kind) ? 1 : 2;
}

/** The lines of a layout, one for all the edges that would lie upon each other. */
export function strokesOf(
  picture: Picture,
  layout: Layout,
  isDrawn: (edge: number) => boolean,
): Strokes {
  const { edges, columns } = picture;
  const rows = rowsOf(picture, layout);
  const ofEdge = new Int32Array(edges.length).fill(-1);
  const all: Stroke[] = [];
  const found = new Map<number, number>();
  const ends = columns.length + picture.tables.length * 2;
  const endOf = (column: number, card: Card) =>
    card.open && rows[column]! >= 0
      ? column
      : columns.length + card.table * 2 + (card.open ? 1 : 0);
  for (let edge = 0; edge < edges.length; edge += 1) {
    const source = edges.source[edge]!;
    const target = edges.target[edge]!;
    const from = layout.cards[layout.cardOf[columns[source]!.table]!];
    const to = layout.cards[layout.cardOf[columns[target]!.table]!];
    if (from === undefined || to === undefined || !isDrawn(edge)) continue;
    if (from === to && !from.open) continue;
    const key = endOf(source, from) * ends + endOf(target, to);
    const look = lookOf(edges.kind[edge]!);
    const mark = edges.mark[edge]!;
    const known = found.get(key);
    if (known !== undefined) {
      const stroke = all[known]!;
      ofEdge[edge] = known;
      stroke.edges += 1;
      stroke.look = Math.min(stroke.look, look);
      if (stroke.mark !== mark) stroke.mark = changed;
      continue;
    }
    const curve = curveBetween(
      layout,
      from,
      heightOf(from, rows[source]!),
      to,
      heightOf(to, rows[target]!),
    );
    found.set(key, all.length);
    ofEdge[edge] = all.length;
    all.push({ from, to, curve, look, mark, edges: 1 });
  }
  return { all, ofEdge };
}

/** By column: its row in its card, or -1. */
export function rowsOf({ columns }: Picture, { cards }: Layout): Int32Array {
  const rows = new Int32Array(columns.length).fill(-1);
  for (const card of cards) card.rows.forEach((column, row) => (rows[column] = row));
  return rows;
}

/** A sign for a mark, so that nothing is told by colour alone. */
export function signOf(mark: number): string {
  return mark === added ? '+' : mark === removed ? '−' : mark === changed ? '~' : '';
}
