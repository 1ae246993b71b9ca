import type { Lineage } from '../model';
import { pictureOf } from './picture';

export interface RenderHtmlOptions {
  /** Heading of the page: `nightly, revision 42`. */
  readonly title: string;
  readonly signal?: AbortSignal;
}

/**
 * One HTML page that needs nothing else, in pieces: it asks for no network and opens from a file.
 *
 * @throws the signal's reason
 */
export async function* renderHtml(
  lineage: Lineage,
  { title, signal }: RenderHtmlOptions,
): AsyncIterable<string> {
  signal?.throwIfAborted();
  const picture = pictureOf(lineage, title);
  await Promise.resolve();
  yield `<!doctype html><meta charset="utf-8"><title>${picture.title.replace(/[<>&]/g, ' ')}</title>`;
}
