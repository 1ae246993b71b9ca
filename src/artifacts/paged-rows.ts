import { PackedRows } from '../clients/packed-rows';
import type { PageRows, TablePages, TableRow } from './table';

/** The rows of pages one by one, with a wait only between pages. */
export class PagedRows {
  /** Rows handed out so far. */
  taken = 0;
  private readonly pages: AsyncIterator<PageRows>;
  private page: PageRows = [];
  private index = 0;

  constructor(pages: TablePages) {
    this.pages = pages[Symbol.asyncIterator]();
  }

  /** The next row of this page; undefined at its end, and before the first. */
  next(): TableRow | undefined {
    const { page, index } = this;
    if (index >= page.length) return undefined;
    this.index += 1;
    this.taken += 1;
    return page instanceof PackedRows ? page.row(index) : page[index];
  }

  /** Fetches a page where this one has ended; false when there are no more rows. */
  async more(): Promise<boolean> {
    while (this.index >= this.page.length) {
      const step = await this.pages.next();
      if (step.done) return false;
      this.page = step.value;
      this.index = 0;
    }
    return true;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.pages.return?.();
  }
}
