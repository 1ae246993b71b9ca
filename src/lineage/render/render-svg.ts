import { isSame, type LineageDiff } from '../diff';
import type { Lineage } from '../model';
import { comparedPicture } from './compared';
import { layoutOf } from './layout';
import { fitted, textWidth } from './measure';
import { pictureOf, type Picture } from './picture';
import { strokesOf } from './strokes';
import { arrows, cardSvg, escaped, legendSvg, strokeSvg, svgStyle, words } from './svg-parts';

/** What `renderSvg` shows. */
export interface RenderSvgOptions {
  /** Heading of the picture. */
  readonly title: string;
  /** What became different, to show in colours and signs; its `after` is the lineage. */
  readonly diff?: LineageDiff;
  /** `columns` shows them as rows of their tables. @default 'columns' up to 60 tables, else 'tables' */
  readonly level?: 'tables' | 'columns';
}

/** Up to so many tables a document shows columns, unless it is told otherwise. */
const mostWithColumns = 60;
const margin = 24;
const titleHeight = 48;

/**
 * A picture for documents: layers from the left to the right, as data flows. It needs no network
 * and no script, and the same lineage makes the same bytes.
 */
export function renderSvg(lineage: Lineage, { title, diff, level }: RenderSvgOptions): string {
  const picture = diff === undefined ? pictureOf(lineage, title) : comparedPicture(diff, title);
  const withColumns =
    level === undefined ? picture.tables.length <= mostWithColumns : level === 'columns';
  const layout = layoutOf(picture, { isDrawn: () => true, isOpen: () => withColumns });
  const { all } = strokesOf(picture, layout, () => true);
  const legend = legendSvg(all, picture, layout);
  const told = summary(picture, diff);
  const inside = Math.max(layout.width, 480, legend.width, Math.ceil(textWidth(told, 'note')));
  const width = inside + 2 * margin;
  const height = layout.height + titleHeight + legend.height + 2 * margin;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title summary">\n`,
    `<title id="title">${escaped(picture.title)}</title>\n<desc id="summary">${escaped(told)}</desc>\n`,
    `<style>${svgStyle}</style>\n${arrows()}`,
    `<rect class="paper" width="${width}" height="${height}"/>\n`,
    // A long title is whole in what a pointer and a screen reader tell.
    `${words('title', margin, margin + 14, fitted(picture.title, inside, 'title'))}\n${words('note', margin, margin + 30, told)}\n`,
    `<g transform="translate(${margin} ${margin + titleHeight})">\n`,
    // What is the same lies under what changed.
    ...[...all].sort((one, other) => one.mark - other.mark).map(strokeSvg),
    ...layout.cards.map((card) => cardSvg(picture, card)),
    `${legend.svg}</g>\n</svg>\n`,
  ];
  return parts.join('');
}

/** A sentence on how much there is, and how much became different. */
export function summary(picture: Picture, diff?: LineageDiff): string {
  const columns = picture.columns.filter(({ role }) => role === 'column').length;
  const words = `${picture.tables.length} datasets, ${columns} columns, ${picture.edges.length} edges`;
  if (diff === undefined) return words;
  if (isSame(diff)) return `${words}; nothing is different`;
  const change = (added: readonly unknown[], removed: readonly unknown[], what: string) =>
    `+${added.length} −${removed.length} ${what}`;
  return `${words}; ${[
    change(diff.datasetsAdded, diff.datasetsRemoved, 'datasets'),
    change(diff.columnsAdded, diff.columnsRemoved, 'columns'),
    change(diff.edgesAdded, diff.edgesRemoved, 'edges'),
  ].join(', ')}`;
}
