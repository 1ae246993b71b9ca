import { layoutOf, type Card, type Layout } from '../layout';
import { sizes } from '../measure';
import { same, type Picture } from '../picture';
import { Adjacency, reachOf } from '../reach';
import { strokesOf, type Strokes } from '../strokes';

/** Bits of what a column, table or line is to what is chosen. */
export const lit = { upstream: 1, downstream: 2, chosen: 4 } as const;

export interface Choice {
  readonly table: number;
  /** Absent where the whole table is chosen. */
  readonly column?: number;
}

/** Up to so many columns all tables begin open. */
const mostOpenAtFirst = 400;

/** What is drawn, and how it is lit; it knows nothing of a screen. */
export class Scene {
  readonly open = new Set<number>();
  /** Tables that show all their columns, however many. */
  readonly whole = new Set<number>();
  readonly hiddenKinds = new Set<number>();
  changesOnly = false;
  relatedOnly = false;
  choice: Choice | undefined;
  layout!: Layout;
  strokes!: Strokes;
  /** Bits of {@link lit}, by column, table and stroke. */
  columns: Uint8Array;
  tables: Uint8Array;
  lines = new Uint8Array();
  private readonly adjacency: Adjacency;
  /** What the places and the lines were made for. */
  private arranged = { places: '', lines: '' };

  constructor(readonly picture: Picture) {
    this.adjacency = new Adjacency(picture);
    this.columns = new Uint8Array(picture.columns.length);
    this.tables = new Uint8Array(picture.tables.length);
    if (picture.columns.length <= mostOpenAtFirst) this.openAll();
    this.light();
  }

  openAll(): void {
    this.picture.tables.forEach((_, table) => this.open.add(table));
  }

  readonly isShown = (edge: number): boolean =>
    !this.hiddenKinds.has(this.picture.edges.kind[edge]!);

  /** What is chosen or shown became another: how everything is lit, and, where asked, what is there. */
  light(): void {
    const { picture, choice } = this;
    this.columns = new Uint8Array(picture.columns.length);
    this.tables = new Uint8Array(picture.tables.length);
    const edges = new Uint8Array(picture.edges.length);
    if (choice !== undefined) {
      const start = startOf(picture, choice);
      for (const way of ['upstream', 'downstream'] as const) {
        const reached = reachOf(picture, this.adjacency, { start, way, isDrawn: this.isShown });
        reached.columns.forEach((is, column) => (this.columns[column]! |= is * lit[way]));
        reached.edges.forEach((is, edge) => (edges[edge]! |= is * lit[way]));
      }
      for (const column of start) this.columns[column] = lit.chosen;
      this.columns.forEach((bits, column) => {
        const { table } = picture.columns[column]!;
        this.tables[table]! |= bits & ~lit.chosen;
      });
      this.tables[choice.table]! |= lit.chosen;
    }
    this.arrange(edges);
  }

  /** Places, lines, and how these are lit; what stays as it was isn't made again. */
  private arrange(edges: Uint8Array): void {
    const places = [
      [...this.open].join(),
      [...this.whole].join(),
      this.changesOnly,
      this.relatedOnly && this.tables.join(),
    ].join(';');
    const lines = `${places};${[...this.hiddenKinds].join()}`;
    if (places !== this.arranged.places) this.layout = this.placed();
    if (lines !== this.arranged.lines) {
      this.strokes = strokesOf(this.picture, this.layout, this.isShown);
    }
    this.arranged = { places, lines };
    this.lines = new Uint8Array(this.strokes.all.length);
    this.strokes.ofEdge.forEach((stroke, edge) => {
      if (stroke >= 0) this.lines[stroke]! |= edges[edge]!;
    });
  }

  private placed(): Layout {
    const touched = this.changesOnly ? changedTables(this.picture) : undefined;
    const isRelated = (table: number) =>
      !this.relatedOnly || this.choice === undefined || this.tables[table] !== 0;
    return layoutOf(this.picture, {
      isDrawn: (table) => isRelated(table) && touched?.[table] !== 0,
      isOpen: (table) => this.open.has(table),
      isWhole: (table) => this.whole.has(table),
    });
  }

  cardOf(table: number): Card | undefined {
    return this.layout.cards[this.layout.cardOf[table]!];
  }

  /** Columns that are up- or downstream of what is chosen, without itself. */
  related(way: 'upstream' | 'downstream'): number[] {
    const found: number[] = [];
    this.columns.forEach((bits, column) => {
      if ((bits & lit[way]) !== 0 && (bits & lit.chosen) === 0) found.push(column);
    });
    return found;
  }

  /** What is at a place of the picture. */
  at(x: number, y: number): { card: Card; column?: number; part: Part } | undefined {
    const card = this.layout.cards.find(
      (one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height,
    );
    if (card === undefined) return undefined;
    if (y < card.y + sizes.header) {
      const isHandle = x >= card.x + card.width - sizes.inset - sizes.handle;
      return { card, part: isHandle ? 'handle' : 'head' };
    }
    const row = Math.floor((y - card.y - sizes.header) / sizes.row);
    const column = card.rows[row];
    if (column !== undefined) return { card, column, part: 'row' };
    return { card, part: row === card.rows.length && card.more > 0 ? 'more' : 'head' };
  }
}

export type Part = 'head' | 'handle' | 'row' | 'more';

export function startOf({ tables }: Picture, { table, column }: Choice): number[] {
  if (column !== undefined) return [column];
  const { first, count } = tables[table]!;
  return Array.from({ length: count }, (_, index) => first + index);
}

/** 1 for tables that are different, or at an edge that is. */
function changedTables({ tables, columns, edges }: Picture): Uint8Array {
  const touched = Uint8Array.from(tables, ({ mark }) => (mark === same ? 0 : 1));
  for (let edge = 0; edge < edges.length; edge += 1) {
    if (edges.mark[edge] === same) continue;
    touched[columns[edges.source[edge]!]!.table] = 1;
    touched[columns[edges.target[edge]!]!.table] = 1;
  }
  return touched;
}
