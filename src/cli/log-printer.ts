import { exitCodes, type ExitCode } from './exit-codes';
import type { Output } from './output';
import { printable } from './text-width';

/** Characters that are written at a time. */
const pieceLength = 64 * 1024;

/**
 * Prints the lines of a log of any length, at the pace of whoever reads them. JSON mode prints one
 * document, piece by piece: where the log can't be read to its end it stays open, and the exit code
 * isn't 0. While it follows it prints a line each.
 */
export class LogPrinter {
  private readonly isDocument: boolean;
  private waiting: string[] = [];
  private waitingLength = 0;
  private isBegun = false;

  constructor(
    private readonly output: Output,
    private readonly following: boolean,
  ) {
    this.isDocument = output.mode === 'json' && !following;
  }

  async line(line: string): Promise<void> {
    const text = this.textOf(line);
    this.waiting.push(text);
    this.waitingLength += text.length;
    if (this.waitingLength >= pieceLength) await this.flush();
  }

  /** Shows what came so far. */
  async flush(): Promise<void> {
    if (this.waitingLength === 0) return;
    const text = this.waiting.join('');
    this.waiting = [];
    this.waitingLength = 0;
    await this.output.piece(text);
  }

  async end(): Promise<ExitCode> {
    if (this.isDocument) {
      this.waiting.push(this.isBegun ? ']}\n' : '{"lines":[]}\n');
      this.waitingLength += 1;
    }
    await this.flush();
    return exitCodes.done;
  }

  private textOf(line: string): string {
    if (this.output.mode === 'text') return `${this.output.interactive ? printable(line) : line}\n`;
    if (this.following) return `${JSON.stringify({ event: 'log', line })}\n`;
    const before = this.isBegun ? ',' : '{"lines":[';
    this.isBegun = true;
    return before + JSON.stringify(line);
  }
}
