import { ByteSink } from '../clients/byte-sink';
import type { PageParts, PartsPosition } from './page-parts';

/** A part is full at either: what a crash costs at most, and what is held in memory, twice. */
const partBytes = 4 * 2 ** 20;
const partPages = 20;

/** Gathers pages into parts. One part is being stored while the next one fills. */
export class PartWriter {
  /** Pages and rows that lie in parts, those of earlier attempts included. */
  private inParts: PartsPosition;
  private filling = new ByteSink();
  private spare = new ByteSink();
  private pages = 0;
  private storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: PageParts<string>,
    private readonly print: string,
    kept: PartsPosition,
    private readonly signal: AbortSignal,
  ) {
    this.inParts = kept;
  }

  /** @returns what `encode` has written; valid until the memory of its part fills again, a part later */
  page(encode: (sink: ByteSink) => void): Uint8Array {
    const start = this.filling.length;
    encode(this.filling);
    return this.filling.written().subarray(start);
  }

  /** @param rows of all pages so far */
  async pageEnds(rows: number): Promise<void> {
    this.pages += 1;
    if (this.filling.length < partBytes && this.pages < partPages) return;
    await this.storing;
    const { pages: from, rows: rowsBefore } = this.inParts;
    const to = from + this.pages;
    const link = { from, to, count: rows - rowsBefore };
    [this.filling, this.spare] = [this.spare, this.filling];
    this.filling.clear();
    this.storing = this.parts.append(this.print, link, this.spare.written(), this.signal);
    // Whoever waits for it gets the error.
    this.storing.catch(() => undefined);
    this.inParts = { pages: to, rows };
    this.pages = 0;
  }

  /** The pages that lie in parts, all of which are stored on return. */
  async stored(): Promise<number> {
    await this.storing;
    return this.inParts.pages;
  }

  /** To be called however it ends: nothing is being written on return. */
  async close(): Promise<void> {
    await this.storing.catch(() => undefined);
  }
}
