import { bands } from './bands';
import { layered } from './layered';
import { lineKey, type Lines } from './lines';
import { fitted, mostRows, sizes, textWidth } from './measure';
import { rowLabel, type Picture } from './picture';
import { isFlow } from './reach';

/** A table at its place. */
export interface Card {
  readonly table: number;
  x: number;
  y: number;
  readonly width: number;
  readonly height: number;
  /** Columns that have a row, from above; empty where the table is closed. */
  readonly rows: readonly number[];
  /** Columns behind the last row, "… 12 more". */
  readonly more: number;
  readonly open: boolean;
  /** False where there is nothing inside to show: no column is known by its name. */
  readonly opens: boolean;
}

export interface Layout {
  readonly cards: readonly Card[];
  /** By table: its card, or -1 where the table isn't drawn. */
  readonly cardOf: Int32Array;
  readonly width: number;
  readonly height: number;
  /** Where the line between two tables passes others, by {@link lineKey}: x and y in turn. */
  readonly routes: ReadonlyMap<number, readonly number[]>;
}

export interface LayoutChoice {
  /** Which tables are drawn. */
  readonly isDrawn: (table: number) => boolean;
  /** Which of them show their columns. */
  readonly isOpen: (table: number) => boolean;
  /** Which show all of them, however many. */
  readonly isWhole?: (table: number) => boolean;
}

/** Up to here the crossings are minimised by dagre (under a second); beyond, tables stand in bands. */
const mostLayered = { tables: 300, lines: 1_200 };

/** A picture that many times as high as it is wide can be seen as a whole by nobody. */
const tower = 3;
/** A document has room for so many all the same, and lines around tables rather than over them. */
const fewTables = 60;

/** Places tables from the left to the right, as data flows. The same picture gives the same places. */
export function layoutOf(picture: Picture, choice: LayoutChoice): Layout {
  const lines = linesOf(picture, choice.isDrawn);
  const linked = new Uint8Array(picture.tables.length);
  for (const pair of lines) for (const table of pair) linked[table] = 1;
  const cards = cardsOf(picture, choice);
  const alone = cards.filter(({ table }) => linked[table] === 0);
  const joined = cards.filter(({ table }) => linked[table] === 1);
  const routes = placed(joined, lines, picture.tables.length);
  beneath(alone, joined);
  const cardOf = new Int32Array(picture.tables.length).fill(-1);
  cards.forEach(({ table }, index) => (cardOf[table] = index));
  return {
    cards,
    cardOf,
    width: cards.reduce((most, { x, width }) => Math.max(most, x + width), 0),
    height: cards.reduce((most, { y, height }) => Math.max(most, y + height), 0),
    routes,
  };
}

function placed(cards: readonly Card[], lines: Lines, tables: number): Layout['routes'] {
  if (cards.length <= mostLayered.tables && lines.length <= mostLayered.lines) {
    const routes = layered(cards, lines, tables);
    const width = cards.reduce((most, card) => Math.max(most, card.x + card.width), 0);
    const height = cards.reduce((most, card) => Math.max(most, card.y + card.height), 0);
    if (cards.length <= fewTables || height <= tower * width) return routes;
  }
  return bands(cards, lines);
}

/** What flows says where a table stands; a join says it only of tables that nothing flows through. */
function linesOf({ tables, columns, edges }: Picture, isDrawn: (table: number) => boolean): Lines {
  const seen = new Set<number>();
  const lines: [number, number][] = [];
  const hasFlow = new Uint8Array(tables.length);
  const collect = (isWanted: (edge: number, source: number, target: number) => boolean) => {
    for (let edge = 0; edge < edges.length; edge += 1) {
      const source = columns[edges.source[edge]!]!.table;
      const target = columns[edges.target[edge]!]!.table;
      if (source === target || !isDrawn(source) || !isDrawn(target)) continue;
      const key = lineKey(tables.length, source, target);
      if (seen.has(key) || !isWanted(edge, source, target)) continue;
      seen.add(key);
      lines.push([source, target]);
    }
  };
  collect((edge) => isFlow(edges.kind[edge]!));
  for (const line of lines) for (const table of line) hasFlow[table] = 1;
  collect((_, source, target) => hasFlow[source] === 0 || hasFlow[target] === 0);
  return lines;
}

function cardsOf(picture: Picture, { isDrawn, isOpen, isWhole }: LayoutChoice): Card[] {
  const linked = new Uint8Array(picture.columns.length);
  for (const column of picture.edges.source) linked[column] = 1;
  for (const column of picture.edges.target) linked[column] = 1;
  const cards: Card[] = [];
  picture.tables.forEach(({ first, count }, table) => {
    if (!isDrawn(table)) return;
    const all = Array.from({ length: count }, (_, index) => first + index);
    // The rows of a table are worth a row only where something depends on them.
    const columns = all.filter(
      (column) => picture.columns[column]!.role === 'column' || linked[column] === 1,
    );
    const opens = columns.some((column) => picture.columns[column]!.role === 'column');
    const open = isOpen(table) && opens;
    const most = isWhole?.(table) ? Infinity : mostRows;
    // Those with lineage first, when not all can be shown.
    const sorted =
      columns.length <= most
        ? columns
        : [...columns].sort((one, other) => linked[other]! - linked[one]! || one - other);
    const rows = open ? sorted.slice(0, most) : [];
    const more = open ? columns.length - rows.length : 0;
    const lineCount = rows.length + (more > 0 ? 1 : 0);
    cards.push({
      table,
      x: 0,
      y: 0,
      width: 0,
      height: sizes.header + (open ? lineCount * sizes.row + sizes.foot : 0),
      rows,
      more,
      open,
      opens,
    });
  });
  const width = commonWidth(picture, cards);
  return cards.map((card) => ({ ...card, width }));
}

/** One width for all looks calmer; a few very long names are shortened for it. */
function commonWidth(picture: Picture, cards: readonly Card[]): number {
  const wanted = cards.map(({ table, rows }) => {
    const header = textWidth(picture.tables[table]!.name, 'header') + headRoom(picture);
    const longest = rows.reduce(
      (most, column) => Math.max(most, textWidth(rowLabel(picture.columns[column]!), 'row')),
      0,
    );
    return Math.max(header, longest + sizes.handle) + 2 * sizes.inset;
  });
  wanted.sort((one, other) => one - other);
  const most = wanted[Math.floor((wanted.length - 1) * 0.98)] ?? sizes.narrowest;
  return Math.ceil(Math.min(sizes.widest, Math.max(sizes.narrowest, most)));
}

/** Tables without lineage: in rows under the others, about as wide as they are. */
function beneath(alone: readonly Card[], joined: readonly Card[]): void {
  const right = joined.reduce((most, { x, width }) => Math.max(most, x + width), 0);
  const bottom = joined.reduce(
    (most, { y, height }) => Math.max(most, y + height),
    -sizes.gapBelow,
  );
  const cell = (alone[0]?.width ?? sizes.narrowest) + sizes.gapBelow;
  const across = Math.max(1, Math.floor(right / cell), Math.ceil(Math.sqrt(alone.length / 4)));
  let y = bottom + 2 * sizes.gapBelow;
  for (let start = 0; start < alone.length; start += across) {
    const row = alone.slice(start, start + across);
    row.forEach((card, index) => {
      card.x = index * cell;
      card.y = y;
    });
    y += Math.max(...row.map(({ height }) => height)) + sizes.gapBelow;
  }
}

/** What stands in a head beside its name: the triangle, and the sign of what became different. */
function headRoom({ compared }: Picture): number {
  return compared ? 2 * sizes.handle : sizes.handle;
}

/** The words of a table's head, as far as they fit. */
export function headLabel(picture: Picture, { table, width }: Card): string {
  const room = width - 2 * sizes.inset - headRoom(picture);
  return fitted(picture.tables[table]!.name, room, 'header');
}

/** The words of a column's row, as far as they fit. */
export function columnLabel(picture: Picture, column: number, { width }: Card): string {
  const room = width - 2 * sizes.inset - sizes.handle;
  return fitted(rowLabel(picture.columns[column]!), room, 'row');
}
