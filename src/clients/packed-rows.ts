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

  /** Parts of the same rows as rows: the cells of the first, then those of the second, … */
  static beside(parts: readonly PackedRows[]): PackedRows {
    const length = parts[0]?.length ?? 0;
    const width = parts.reduce((sum, part) => sum + part.width, 0);
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const starts = new Int32Array(length * width);
    const ends = new Int32Array(length * width);
    let column = 0;
    let offset = 0;
    for (const part of parts) {
      for (let row = 0; row < length; row += 1) {
        for (let index = 0; index < part.width; index += 1) {
          const from = row * part.width + index;
          const to = row * width + column + index;
          const start = part.starts[from] as number;
          starts[to] = start < 0 ? -1 : start + offset;
          ends[to] = (part.ends[from] as number) + offset;
        }
      }
      column += part.width;
      offset += part.bytes.length;
    }
    return new PackedRows(bytes, starts, ends, length, width);
  }

  /** Rows of values, each as wide as the first. Half of a surrogate pair becomes U+FFFD. */
  static of(rows: readonly (readonly (string | null)[])[]): PackedRows {
    const cells = rows.flat();
    const texts = cells.map((cell) => (cell === null ? undefined : Buffer.from(cell)));
    const starts = new Int32Array(cells.length).fill(-1);
    const ends = new Int32Array(cells.length).fill(-1);
    let end = 0;
    for (const [index, text] of texts.entries()) {
      if (text === undefined) continue;
      starts[index] = end;
      end += text.length;
      ends[index] = end;
    }
    const bytes = Buffer.concat(texts.filter((text) => text !== undefined));
    return new PackedRows(bytes, starts, ends, rows.length, rows[0]?.length ?? 0);
  }

  /** The same rows in memory of their own. */
  copy(): PackedRows {
    const cells = this.length * this.width;
    const [starts, ends] = [this.starts.slice(0, cells), this.ends.slice(0, cells)];
    return new PackedRows(Buffer.from(this.bytes), starts, ends, this.length, this.width);
  }

  /** What all texts take together; `bytes` may hold more. */
  textBytes(): number {
    const { starts, ends } = this;
    let sum = 0;
    for (let cell = this.length * this.width - 1; cell >= 0; cell -= 1) {
      const start = starts[cell] as number;
      if (start >= 0) sum += (ends[cell] as number) - start;
    }
    return sum;
  }

  /** A cell's text, or null for NULL. */
  cell(row: number, column: number): string | null {
    const index = row * this.width + column;
    const start = this.starts[index] as number;
    return start < 0 ? null : this.#text.toString('utf8', start, this.ends[index]);
  }

  /** One row, its cells made anew: text as the service renders it, or null. */
  row(row: number): readonly (string | null)[] {
    const cells: (string | null)[] = [];
    for (let column = 0; column < this.width; column += 1) cells.push(this.cell(row, column));
    return cells;
  }

  /** All rows, one after the other. */
  *[Symbol.iterator](): Generator<readonly (string | null)[]> {
    for (let row = 0; row < this.length; row += 1) yield this.row(row);
  }
}
