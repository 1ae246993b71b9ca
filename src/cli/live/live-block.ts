import type { Output } from '../output';
import { textWidth } from '../text-width';
import type { TreeRoom } from './step-tree';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/** Draws lines over themselves until it is closed, or a question in their place. */
export class LiveBlock {
  private readonly timer: NodeJS.Timeout;
  private frame = 0;
  private question: string | undefined;

  private constructor(
    private readonly output: Output,
    private readonly lines: (room: TreeRoom) => readonly string[],
  ) {
    this.timer = setInterval(() => this.draw(), frameMs);
    this.timer.unref();
  }

  /** Undefined where nothing can be drawn over: no terminal, or `--quiet`. */
  static on(output: Output, lines: (room: TreeRoom) => readonly string[]): LiveBlock | undefined {
    return output.interactive && !output.quiet ? new LiveBlock(output, lines) : undefined;
  }

  draw(): void {
    if (this.question !== undefined) {
      return this.output.status(wordLines(this.question, this.output.statusRoom.columns));
    }
    this.frame = (this.frame + 1) % frames.length;
    const lines = this.lines({
      ...this.output.statusRoom,
      nowMs: Date.now(),
      spinner: frames[this.frame] ?? '',
      colors: this.output.talkColors,
    });
    if (lines.length > 0) this.output.status(lines);
  }

  ask(question: string | undefined): void {
    this.question = question;
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.output.status();
  }
}

/** A question that is cut can't be answered. */
function wordLines(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = [lines.at(-1), word].filter(Boolean).join(' ');
    if (textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
