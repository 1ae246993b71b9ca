import type { OutputStream } from '../context';
import { fitWidth, textWidth } from '../text-width';

const clearLine = '\r\u001b[2K';
/** Clears from the cursor to the end of the screen. */
const clearBelow = '\r\u001b[J';
/** Room for the `^C` that a terminal echoes: what wraps can't be drawn over. */
const echoColumns = 3;

/**
 * The last lines of a terminal, drawn over themselves. The cursor rests behind the last of them and
 * is never hidden: however the process ends, the terminal is left as it was.
 */
export class DrawnBlock {
  private wanted: readonly string[] = [];
  private drawn: readonly string[] = [];
  private drawnColumns = 0;

  constructor(private readonly stream: OutputStream) {}

  /** What a block may take: the terminal's width and height as they are now. */
  get room(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.stream;
    // A pseudo-terminal may say 0 for what it doesn't know.
    return {
      columns: Math.max(1, (columns || 80) - echoColumns),
      rows: Math.max(1, (rows || 24) - 1),
    };
  }

  /** Draws these lines in place of those before; lines that are the same are left alone. */
  draw(lines: readonly string[]): void {
    this.wanted = lines;
    if (lines.length === 0 && this.drawn.length === 0) return;
    const { columns, rows } = this.room;
    const fitted = lines.slice(0, rows).map((line) => fitWidth(line, columns));
    const same = fitted.length === this.drawn.length && columns === this.drawnColumns;
    if (same && fitted.every((line, index) => line === this.drawn[index])) return;
    const text = same ? this.patched(fitted) : this.erased() + fitted.join('\n');
    this.drawn = fitted;
    this.drawnColumns = columns;
    this.stream.write(text);
  }

  /** Takes the block away while something is written, which stays above it. */
  above(write: () => void): void {
    const { wanted } = this;
    if (wanted.length === 0) return write();
    this.draw([]);
    write();
    this.draw(wanted);
  }

  /** To the block's first row, all of it cleared. A narrower terminal has wrapped its lines. */
  private erased(): string {
    const width = this.stream.columns || 80;
    const rows = this.drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / width)),
      0,
    );
    return rows <= 1 ? clearLine : `${up(rows - 1)}${clearBelow}`;
  }

  private patched(fitted: readonly string[]): string {
    const rows = fitted.map((line, index) => (line === this.drawn[index] ? '' : clearLine + line));
    // Down and not `\n`, which would scroll; the last row always gets the cursor behind its end.
    const last = fitted.length - 1;
    rows[last] = clearLine + (fitted[last] ?? '');
    return up(last) + rows.join('\u001b[1B');
  }
}

function up(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A`;
}
