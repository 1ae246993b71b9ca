import type { OutputStream } from '../../src/cli/context';

/** A terminal of so many columns and rows that understands what a block is drawn with. */
export class Screen implements OutputStream {
  readonly isTTY = true;
  written = '';
  private readonly cells: string[] = [''];
  private row = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {}

  /** What is on it, without empty lines at its end. */
  get lines(): readonly string[] {
    const last = this.cells.findLastIndex((line) => line !== '');
    return this.cells.slice(0, last + 1);
  }

  write(text: string): boolean {
    this.written += text;
    for (const [part] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]+/g)) this.take(part);
    return true;
  }

  private take(part: string): void {
    const [, count = '', what] = /^\u001b\[(\d*)([A-Z])$/.exec(part) ?? [];
    if (part === '\r') return;
    if (part === '\n') {
      this.row += 1;
      this.cells[this.row] ??= '';
    } else if (what === 'A') this.row = Math.max(0, this.row - Number(count));
    else if (what === 'B') this.row += Number(count);
    else if (what === 'K') this.cells[this.row] = '';
    else if (what === 'J') this.cells.splice(this.row, Infinity, '');
    else this.cells[this.row] += part;
  }
}
