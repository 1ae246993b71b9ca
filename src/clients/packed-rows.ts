/**
 * Rows of one width as bytes: where each cell's UTF-8 text begins and ends in `bytes`. Twenty million
 * cells make no objects, so that a large result set leaves no garbage.
 */
export class PackedRows implements Iterable<readonly (string | null)[]> {
  readonly #text: Buffer;

  /**
   * @param starts row by row; -1 for NULL
   * @param ends row by row, exclusive
   * @param length rows
   * @param width cells of a row
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly starts: Int32Array,
    readonly ends: Int32Array,
    readonly length: number,
    readonly width: number,
  ) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A cell's text, or null for NULL. */
  cell(row: number, column: number): string | null {
    const index = row * this.width + column;
    const start = this.starts[index] as number;
    return start < 0 ? null : this.#text.toString('utf8', start, this.ends[index]);
  }

  *[Symbol.iterator](): Generator<readonly (string | null)[]> {
    for (let row = 0; row < this.length; row += 1) {
      yield Array.from({ length: this.width }, (_, column) => this.cell(row, column));
    }
  }
}
