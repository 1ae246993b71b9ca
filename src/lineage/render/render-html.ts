import { createHash } from 'node:crypto';
import type { LineageDiff } from '../diff';
import { LineageError } from '../errors';
import type { Lineage } from '../model';
import { comparedPicture } from './compared';
import { pageData } from './page-data';
import { pageBody, pageStyle } from './page-html';
import { pageScript } from './page-script';
import { pictureOf } from './picture';
import { summary } from './render-svg';
import { escaped } from './svg-parts';

/** What `renderHtml` shows. */
export interface RenderHtmlOptions {
  /** Heading of the page: `nightly, revision 42`. */
  readonly title: string;
  /** What became different, to show in colours and signs; its `after` is the lineage. */
  readonly diff?: LineageDiff;
  readonly signal?: AbortSignal;
}

/** What a browser shows within seconds, on some ten megabytes of page. */
export const mostInPage = { tables: 20_000, columns: 300_000, edges: 400_000 };

/**
 * One HTML page that needs nothing else, in pieces: it asks for no network and opens from a file.
 * Tables are placed and lines drawn by the page itself.
 *
 * @throws LineageError `Lineage.TooLarge` beyond `mostInPage`; the signal's reason
 */
export async function* renderHtml(
  lineage: Lineage,
  { title, diff, signal }: RenderHtmlOptions,
): AsyncIterable<string> {
  signal?.throwIfAborted();
  // Before anything is made of it: too much for a page is too much for a picture as well.
  const { datasets, columns, edges } = lineage;
  checkSize({ tables: datasets, columns, edges });
  const picture = diff === undefined ? pictureOf(lineage, title) : comparedPicture(diff, title);
  checkSize(picture);
  const script = await pageScript();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(pageStyle)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(picture.title)}</title>
<style>${pageStyle}</style>
</head>
<body>
${pageBody(picture, summary(picture, diff))}
<script type="application/json" id="data">`;
  for (const piece of pageData(picture)) {
    signal?.throwIfAborted();
    yield piece;
  }
  yield `</script>\n<script>${script}</script>\n</body>\n</html>\n`;
}

function checkSize(counted: Readonly<Record<keyof typeof mostInPage, { length: number }>>): void {
  for (const part of ['tables', 'columns', 'edges'] as const) {
    const { length } = counted[part];
    if (length <= mostInPage[part]) continue;
    throw new LineageError(
      'Lineage.TooLarge',
      `a page shows up to ${mostInPage[part]} ${part}, and these are ${length}: draw it between whole tables, with "lineage render --table-level"`,
    );
  }
}

/** A policy that names a text by its hash lets no other one run. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
