import { WireError } from '../http/errors';
import { checkShape } from '../http/shape';
import type { BytesResponse } from '../http/transport';
import { readData, type Reading } from './envelope';
import { splitPage } from './page-bytes';
import type { PageMemory } from './page-memory';
import { nullMark, pageSchema, type LinkisPackedPage } from './wire-files';

/** What a page says of itself; its reader knows which one it asked for. */
type ReadPage = Omit<LinkisPackedPage, 'page' | 'isLast'> | { readonly withheld: string };

/** An answer to `openFile`. Its bytes become the rows, as far as they are what pages nearly always are. */
export function readPage(answer: BytesResponse, reading: Reading, memory: PageMemory): ReadPage {
  const { endpoint, bytes } = answer;
  const sizeBytes = bytes.length;
  const split = splitPage(bytes, nullMark, memory);
  const text = split?.envelope ?? new TextDecoder().decode(bytes);
  const page = checkShape(pageSchema, readData({ ...answer, text }, reading), endpoint, 'data');
  if (split === undefined || 'withheld' in page) return { ...page, sizeBytes };
  const { rows } = split;
  const width = page.columns?.length ?? rows.width;
  if (rows.length > 0 && rows.width !== width) {
    // What the schema says where it sees the rows.
    const expected = `a list of ${width}`;
    const found = `a list of ${rows.width}`;
    throw new WireError({ endpoint, field: 'data.fileContent[0]', expected, found });
  }
  return { ...page, rows, sizeBytes };
}
