/** A place in one of a job's files; lines and columns count from 1, the end is exclusive. */
export interface Place {
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A file, or part of one that is parsed by itself: it turns the parser's offsets into places. */
export class SourceText {
  /** Whether code points and UTF-16 units are the same here. */
  #plain: boolean | undefined;

  private constructor(
    readonly text: string,
    readonly file: number,
    /** Where `text` begins in its file. */
    private readonly base: number,
    /** Where each line of the file begins. */
    private readonly lines: readonly number[],
  ) {}

  static ofFile(text: string, file: number): SourceText {
    const lines = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      lines.push(at + 1);
    return new SourceText(text, file, 0, lines);
  }

  slice(start: number, end = this.text.length): SourceText {
    return new SourceText(this.text.slice(start, end), this.file, this.base + start, this.lines);
  }

  /** The same place with other words of the same length. */
  withText(text: string): SourceText {
    return new SourceText(text, this.file, this.base, this.lines);
  }

  /** `start` and `end` in code points, as the parser counts. */
  place(start: number, end: number): Place {
    const from = this.#point(this.offsetOf(start));
    const to = this.#point(this.offsetOf(end));
    return {
      file: this.file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
  }

  whole(): Place {
    const from = this.#point(0);
    const to = this.#point(this.text.length);
    return {
      file: this.file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
  }

  /** The offset in UTF-16 units of one in code points. */
  offsetOf(codePoints: number): number {
    this.#plain ??= !/[\ud800-\udbff]/.test(this.text);
    if (this.#plain) return codePoints;
    return [...this.text].slice(0, codePoints).join('').length;
  }

  #point(offset: number): { line: number; column: number } {
    const at = this.base + offset;
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lines[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.lines[low] ?? 0) + 1 };
  }
}
