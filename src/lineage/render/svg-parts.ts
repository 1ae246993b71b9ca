import type { Card, Layout } from './layout';
import { columnLabel, headLabel } from './layout';
import { sizes } from './measure';
import { dark, light, type Palette } from './palette';
import { columnTitle, marks, same, type Picture } from './picture';
import type { Curve } from './route';
import { looks, signOf, type Stroke } from './strokes';

/** For text and for attributes in double quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Light or dark as the reader's system is, and light where nothing says so. */
export const svgStyle = `
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.title{font-size:16px;font-weight:600}
.note{font-size:11px}
.name{font-size:12.5px;font-weight:600}
.row{font-size:11.5px}
.pseudo{font-style:italic}
.line{fill:none;stroke-width:1.1}
.influence{stroke-dasharray:1.5 3}
.other{stroke-dasharray:1 5}
.line.added{stroke-width:1.9}
.line.removed{stroke-width:1.6;stroke-dasharray:7 4}
.line.changed{stroke-width:1.6}
.card.added{stroke-width:2}
.card.removed{stroke-width:1.5;stroke-dasharray:7 4}
.card.changed{stroke-width:1.5}
.gone{text-decoration:line-through}
${colors(light)}
@media (prefers-color-scheme:dark){${colors(dark)}}
`;

function colors(palette: Palette): string {
  const { paper, card, head, border, ink, faint, line } = palette;
  const marked = (['added', 'removed', 'changed'] as const).map(
    (mark) =>
      `.line.${mark},.card.${mark}{stroke:${palette[mark]}}text.${mark},.tip.${mark}{fill:${palette[mark]}}`,
  );
  return `text{fill:${ink}}.note,.pseudo{fill:${faint}}.paper{fill:${paper}}.card{fill:${card};stroke:${border}}.head{fill:${head}}.line{stroke:${line}}.tip{fill:${line}}${marked.join('')}`;
}

export function strokeSvg(stroke: Stroke): string {
  const classes = ['line', looks[stroke.look]];
  if (stroke.mark !== same) classes.push(marks[stroke.mark]);
  const arrow = stroke.mark === same ? 'arrow' : `arrow-${marks[stroke.mark]}`;
  // Where nothing flows there is no direction to show.
  const end = looks[stroke.look] === 'other' ? '' : ` marker-end="url(#${arrow})"`;
  return `<path class="${classes.join(' ')}"${end} d="${pathData(stroke.curve)}"/>\n`;
}

function pathData(curve: Curve): string {
  const [x, y, ...rest] = curve.map(short);
  let data = `M${x} ${y}`;
  for (let at = 0; at < rest.length; at += 6) data += `C${rest.slice(at, at + 6).join(' ')}`;
  return data;
}

export function cardSvg(picture: Picture, place: Card): string {
  const { x, y, width, height, table, rows, more, open } = place;
  const { name, kind, mark } = picture.tables[table]!;
  const word = marks[mark];
  const classOf = (base: string) => (mark === same ? base : `${base} ${word}`);
  const left = x + sizes.inset;
  let svg = `<g><title>${escaped(`${name} (${kind}${mark === same ? '' : `, ${word}`})`)}</title>\n`;
  svg += `<rect class="${classOf('card')}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>\n`;
  if (open) {
    svg += `<path class="head" d="M${x + 1} ${y + sizes.header}V${y + 6}a5 5 0 0 1 5 -5H${x + width - 6}a5 5 0 0 1 5 5V${y + sizes.header}Z"/>\n`;
  }
  svg += words(classOf('name'), left, y + sizes.header / 2 + 4.5, headLabel(picture, place));
  svg += sign(mark, x + width - sizes.inset, y + sizes.header / 2 + 4.5);
  rows.forEach((column, row) => {
    const one = picture.columns[column]!;
    const classes = ['row'];
    if (one.role !== 'column') classes.push('pseudo');
    if (one.mark !== same) classes.push(marks[one.mark]!);
    if (marks[one.mark] === 'removed') classes.push('gone');
    const baseline = y + sizes.header + (row + 0.5) * sizes.row + 4;
    svg += `<g><title>${escaped(columnTitle(picture, column))}</title>`;
    svg += words(classes.join(' '), left, baseline, columnLabel(picture, column, place));
    svg += `${sign(one.mark, x + width - sizes.inset, baseline)}</g>\n`;
  });
  if (more > 0) {
    const baseline = y + sizes.header + (rows.length + 0.5) * sizes.row + 4;
    svg += words('row pseudo', left, baseline, `… ${more} more`);
  }
  return `${svg}</g>\n`;
}

export function words(classes: string, x: number, y: number, text: string): string {
  return `<text class="${classes}" x="${short(x)}" y="${short(y)}">${escaped(text)}</text>`;
}

function sign(mark: number, x: number, y: number): string {
  if (mark === same) return '';
  return `<text class="name ${marks[mark]}" x="${x}" y="${y}" text-anchor="end">${signOf(mark)}</text>`;
}

export function arrows(): string {
  const all = ['', 'added', 'removed', 'changed'].map((mark) => {
    const [id, classes] = mark === '' ? ['arrow', 'tip'] : [`arrow-${mark}`, `tip ${mark}`];
    return `<marker id="${id}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class="${classes}" d="M0 .8L8 4L0 7.2Z"/></marker>`;
  });
  return `<defs>${all.join('')}</defs>\n`;
}

/** What the lines and signs mean, as far as they occur; below the picture. */
export function legendSvg(
  strokes: readonly Stroke[],
  picture: Picture,
  { height }: Layout,
): { svg: string; width: number; height: number } {
  const entries = [
    ...[
      ['value', 'value'],
      ['influence', 'influence: filter, row count'],
      ['other', 'join, call'],
    ].filter(([look]) => strokes.some((one) => looks[one.look] === look)),
    ...(picture.compared
      ? [
          ['added', '+ added'],
          ['removed', '− removed'],
          ['changed', '~ changed'],
        ]
      : []),
  ] as [string, string][];
  const y = height + 34;
  let x = 0;
  const all = entries.map(([classes, label]) => {
    const entry =
      `<path class="line ${classes}" d="M${x} ${y - 4}H${x + 34}"/>` +
      words('note', x + 40, y, label);
    x += 60 + Math.ceil(label.length * 6.2);
    return entry;
  });
  return { svg: `<g>${all.join('')}</g>\n`, width: x, height: 44 };
}

function short(number: number): number {
  return Math.round(number * 10) / 10;
}
