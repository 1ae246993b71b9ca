import { columnLabel, headLabel, type Card } from '../layout';
import { sizes } from '../measure';
import type { Palette } from '../palette';
import { added, changed, removed, same } from '../picture';
import { looks, signOf, type Stroke } from '../strokes';
import { lit, type Scene } from './scene';

export interface View {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

const font = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
/** Below these zooms words are specks, and cost much. */
const readable = { rows: 0.45, heads: 0.3, arrows: 0.5 };
/** Where more lines than this are seen, they are drawn thinly: nobody follows one of them by eye. */
const many = 2_500;
const litOrder = 3;
/** One path of thousands of curves takes longer than several of hundreds. */
const mostInPath = 400;

/** Draws what can be seen of a scene. */
export function paint(
  canvas: HTMLCanvasElement,
  scene: Scene,
  { x, y, k }: View,
  { palette, scale }: { readonly palette: Palette; readonly scale: number },
): void {
  const context = canvas.getContext('2d', { alpha: false })!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale * k, 0, 0, scale * k, scale * x, scale * y);
  const seen: Box = {
    left: -x / k,
    top: -y / k,
    right: (canvas.width / scale - x) / k,
    bottom: (canvas.height / scale - y) / k,
  };
  const cards = scene.layout.cards.filter(
    ({ x: left, y: top, width, height }) =>
      left <= seen.right &&
      top <= seen.bottom &&
      left + width >= seen.left &&
      top + height >= seen.top,
  );
  const isLit = ({ table }: Card) => scene.tables[table] !== 0;
  const groups = groupsOf(scene, { palette, seen });
  const paintLines = (some: readonly Group[]) =>
    some.forEach((group) => paintGroup(context, group, k));
  const paintCards = (some: readonly Card[]) =>
    some.forEach((card) => paintCard(context, scene, card, { palette, k }));
  // What is lit lies on what isn't: one follows it over the tables that it passes.
  paintLines(groups.filter(({ style }) => style.order < litOrder));
  paintCards(cards.filter((card) => !isLit(card)));
  paintLines(groups.filter(({ style }) => style.order === litOrder));
  paintCards(cards.filter(isLit));
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Style {
  readonly order: number;
  readonly color: string;
  readonly width: number;
  readonly dash: readonly number[];
  readonly alpha: number;
}

function styleOf(
  { look, mark }: Stroke,
  bits: number,
  palette: Palette,
  { isChosen, areMany }: { isChosen: boolean; areMany: boolean },
): Style {
  const isFaint = isChosen && bits === 0;
  const dashes = { value: [], influence: [3, 3], other: [1, 4] };
  const litColor = (bits & lit.upstream) !== 0 ? palette.upstream : palette.downstream;
  const plainColor = bits === 0 ? palette.line : litColor;
  const crowd = areMany ? 0.35 : 1;
  return {
    order: isFaint ? 0 : bits !== 0 ? litOrder : mark === same ? 1 : 2,
    // What is lit keeps its mark's colour, or a comparison couldn't be followed.
    color: mark === same ? plainColor : markColor(mark, palette),
    width: bits !== 0 ? 2.2 : mark === same ? 1.1 : 1.8,
    dash: mark === removed ? [7, 4] : dashes[looks[look] ?? 'value'],
    alpha: isFaint ? 0.14 * crowd : bits === 0 && mark === same ? crowd : 1,
  };
}

interface Group {
  readonly style: Style;
  readonly strokes: Stroke[];
}

/** The lines that can be seen, those of one look together, in the order of drawing. */
function groupsOf(
  { strokes, lines, choice }: Scene,
  { palette, seen }: { palette: Palette; seen: Box },
): Group[] {
  const found = new Map<number, { bits: number; strokes: Stroke[] }>();
  let count = 0;
  strokes.all.forEach((stroke, index) => {
    if (!isSeen(stroke.curve, seen)) return;
    count += 1;
    const bits = lines[index]!;
    const key = (bits * 4 + stroke.mark) * 4 + stroke.look;
    const group = found.get(key) ?? { bits, strokes: [] };
    found.set(key, group);
    group.strokes.push(stroke);
  });
  const crowd = { isChosen: choice !== undefined, areMany: count > many };
  return [...found.values()]
    .map((group) => ({
      style: styleOf(group.strokes[0]!, group.bits, palette, crowd),
      strokes: group.strokes,
    }))
    .sort((one, other) => one.style.order - other.style.order);
}

function paintGroup(context: CanvasRenderingContext2D, { style, strokes }: Group, k: number): void {
  context.strokeStyle = context.fillStyle = style.color;
  context.globalAlpha = style.alpha;
  context.lineWidth = Math.max(style.width, 0.7 / k);
  // Dashes of a line that is a hair can't be told, and take most of the time.
  context.setLineDash(k < readable.heads ? [] : [...style.dash]);
  for (let start = 0; start < strokes.length; start += mostInPath) {
    context.beginPath();
    for (const { curve } of strokes.slice(start, start + mostInPath)) trace(context, curve);
    context.stroke();
  }
  context.setLineDash([]);
  if (k < readable.arrows) return;
  context.beginPath();
  for (const { curve, look } of strokes) if (looks[look] !== 'other') arrow(context, curve);
  context.fill();
}

function trace(context: CanvasRenderingContext2D, curve: readonly number[]): void {
  context.moveTo(curve[0]!, curve[1]!);
  for (let at = 2; at < curve.length; at += 6) {
    context.bezierCurveTo(
      curve[at]!,
      curve[at + 1]!,
      curve[at + 2]!,
      curve[at + 3]!,
      curve[at + 4]!,
      curve[at + 5]!,
    );
  }
}

/** At its end, level: every line arrives so. */
function arrow(context: CanvasRenderingContext2D, curve: readonly number[]): void {
  const x = curve[curve.length - 2]!;
  const y = curve[curve.length - 1]!;
  const back = x >= curve[curve.length - 4]! ? -7 : 7;
  context.moveTo(x, y);
  context.lineTo(x + back, y - 3);
  context.lineTo(x + back, y + 3);
  context.closePath();
}

function isSeen(curve: readonly number[], { left, top, right, bottom }: Box): boolean {
  let [least, most, highest, lowest] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < curve.length; at += 2) {
    const x = curve[at]!;
    const y = curve[at + 1]!;
    if (x < least) least = x;
    if (x > most) most = x;
    if (y < highest) highest = y;
    if (y > lowest) lowest = y;
  }
  return least <= right && most >= left && highest <= bottom && lowest >= top;
}

function markColor(mark: number, palette: Palette): string {
  if (mark === added) return palette.added;
  if (mark === removed) return palette.removed;
  return mark === changed ? palette.changed : palette.ink;
}

function litColor(bits: number, palette: Palette): string | undefined {
  if ((bits & lit.chosen) !== 0) return palette.accent;
  if ((bits & lit.upstream) !== 0) return palette.upstream;
  return (bits & lit.downstream) !== 0 ? palette.downstream : undefined;
}

function paintCard(
  context: CanvasRenderingContext2D,
  { picture, choice, tables, columns }: Scene,
  card: Card,
  { palette, k }: { palette: Palette; k: number },
): void {
  const { x, y, width, height, table, open } = card;
  const { mark } = picture.tables[table]!;
  const light = litColor(tables[table]!, palette);
  const alpha = choice !== undefined && light === undefined ? 0.3 : 1;
  context.globalAlpha = 1;
  const border = light ?? (mark === same ? palette.border : markColor(mark, palette));
  context.fillStyle = k < readable.heads && light !== undefined ? light : palette.card;
  context.strokeStyle = border;
  context.lineWidth = Math.max(light !== undefined || mark !== same ? 2 : 1, 0.7 / k);
  context.setLineDash(mark === removed && k >= readable.heads ? [7, 4] : []);
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.fill();
  context.globalAlpha = alpha;
  if (open && k >= readable.heads) {
    context.fillStyle = palette.head;
    context.beginPath();
    context.roundRect(x + 1, y + 1, width - 2, sizes.header - 1, [5, 5, 0, 0]);
    context.fill();
    context.beginPath();
    context.roundRect(x, y, width, height, 6);
  }
  context.stroke();
  context.setLineDash([]);
  if (k < readable.heads) return;
  const middle = y + sizes.header / 2;
  context.textBaseline = 'middle';
  context.font = `600 12.5px ${font}`;
  context.fillStyle = mark === same ? palette.ink : markColor(mark, palette);
  const sign = signOf(mark);
  context.fillText(
    `${sign}${sign && ' '}${headLabel(picture, card)}`,
    x + sizes.inset,
    middle + 0.5,
  );
  if (card.opens) {
    handle(context, x + width - sizes.inset - 5, middle, { open, color: palette.faint });
  }
  if (k < readable.rows) return;
  card.rows.forEach((column, row) => {
    const one = picture.columns[column]!;
    const top = y + sizes.header + row * sizes.row;
    const color = litColor(columns[column]!, palette);
    context.globalAlpha = choice !== undefined && color === undefined ? 0.35 : 1;
    if (color !== undefined) {
      context.fillStyle = color;
      context.globalAlpha = 0.16;
      context.fillRect(x + 1, top, width - 2, sizes.row);
      context.globalAlpha = 1;
      context.fillRect(x, top, 3, sizes.row);
    }
    const isPlain = one.role === 'column';
    context.font = `${isPlain ? '' : 'italic '}11.5px ${font}`;
    context.fillStyle =
      one.mark === same ? (isPlain ? palette.ink : palette.faint) : markColor(one.mark, palette);
    const label = columnLabel(picture, column, card);
    context.fillText(label, x + sizes.inset, top + sizes.row / 2 + 0.5);
    if (one.mark === same) return;
    if (one.mark === removed) {
      const { width: long } = context.measureText(label);
      context.fillRect(x + sizes.inset, top + sizes.row / 2, long, 1);
    }
    context.fillText(signOf(one.mark), x + width - sizes.inset - 8, top + sizes.row / 2 + 0.5);
  });
  if (card.more === 0) return;
  context.globalAlpha = 1;
  context.font = `italic 11.5px ${font}`;
  context.fillStyle = palette.accent;
  const middleOfMore = y + sizes.header + (card.rows.length + 0.5) * sizes.row;
  context.fillText(`… ${card.more} more`, x + sizes.inset, middleOfMore);
}

/** A triangle: downwards where the table is open. */
function handle(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  { open, color }: { open: boolean; color: string },
): void {
  context.fillStyle = color;
  context.beginPath();
  if (open) {
    context.moveTo(x - 5, y - 2.5);
    context.lineTo(x + 5, y - 2.5);
    context.lineTo(x, y + 3.5);
  } else {
    context.moveTo(x - 2.5, y - 5);
    context.lineTo(x - 2.5, y + 5);
    context.lineTo(x + 3.5, y);
  }
  context.fill();
}
