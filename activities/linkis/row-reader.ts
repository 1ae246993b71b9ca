import { IncompleteError, VendorError } from '../../src/clients/http/errors';
import type { LinkisPackedPage } from '../../src/clients/linkis/public';

/** Rows as they were asked for. */
export interface ReadRows {
  readonly page: LinkisPackedPage;
  /** The first row, from 0. */
  readonly from: number;
  /** How many were asked for. */
  readonly asked: number;
}

/** What a page takes, about: it is in memory three times, as it comes, ahead, and written. */
const pageBytes = 2 * 2 ** 20;

/** The service passes over all rows before a page, so that few large pages cost it least. */
const mostRows = 2 ** 14;

/**
 * Reads a set from any row on, as many rows at a time as make about 2 MiB. Rows are as wide as they
 * are, and those that come may be wider than those that came: what is more than an answer may have,
 * or than the service gives at a time, is asked for in halves.
 *
 * Numbers of rows are powers of two. So a page of half the size begins wherever one of the whole
 * could, though the service knows pages by their number only.
 */
export class RowReader {
  #rows: number;
  #most = mostRows;

  /** @param rows for the first call, which has to be from row 0 where they are no power of two */
  constructor(
    private readonly open: (page: number, pageSize: number) => Promise<LinkisPackedPage>,
    rows: number,
  ) {
    this.#rows = rows;
  }

  /** How many rows make a page, by what was read last: a power of two. */
  get rows(): number {
    return this.#rows;
  }

  /** From a row on that is where others have ended, or a multiple of a power of two. */
  async read(from: number): Promise<ReadRows> {
    for (;;) {
      let asked = Math.min(this.#rows, this.#most);
      while (from % asked !== 0) asked /= 2;
      try {
        const page = await this.open(from / asked + 1, asked);
        if (page.rows.length > 0) this.#rows = fittingRows(page);
        return { page, from, asked };
      } catch (error) {
        const isBeyondLimit = isRowLimit(error);
        if (asked === 1 || !(isBeyondLimit || isTooLarge(error))) throw error;
        this.#rows = powerOfTwo(asked / 2);
        // The service's own limit stays what it is, however narrow the rows become.
        if (isBeyondLimit) this.#most = this.#rows;
      }
    }
  }
}

function fittingRows({ sizeBytes, rows }: LinkisPackedPage): number {
  return powerOfTwo(Math.min(mostRows, (pageBytes * rows.length) / sizeBytes));
}

/** The largest that is no more; at least 1. */
function powerOfTwo(most: number): number {
  let power = 1;
  while (2 * power <= most) power *= 2;
  return power;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof IncompleteError && error.reason === 'Http.BodyTooLarge';
}

/** From 1.7 on: `linkis.filesystem.resultset.row.limit`, 100,000 unless a site says otherwise. */
function isRowLimit(error: unknown): boolean {
  return error instanceof VendorError && error.vendorCode === 80034;
}
