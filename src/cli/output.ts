import path from 'node:path';
import { createColors } from 'picocolors';
import type { CliContext, OutputStream } from './context';
import type { GlobalOptions, OutputMode } from './global-options';
import { linesToCopy } from './lines-to-copy';
import { DrawnBlock } from './live/drawn-block';

export type Colors = ReturnType<typeof createColors>;

export interface OutputOptions {
  readonly mode: OutputMode;
  /** Leaves out talk and progress; warnings and errors stay. */
  readonly quiet: boolean;
  /** What was typed: talk that offers a line to copy repeats it. @default nothing */
  readonly flags?: Partial<GlobalOptions>;
}

/**
 * What a command says: data on stdout (text, or JSON with `--output json`), talk on stderr. On a
 * terminal the last lines of stderr can be a status that is drawn over itself.
 */
export class Output {
  readonly mode: OutputMode;
  readonly quiet: boolean;
  /** For data in text form. */
  readonly colors: Colors;
  /** For talk. */
  readonly talkColors: Colors;
  private readonly drawn: DrawnBlock;
  private readonly flags: Partial<GlobalOptions>;

  constructor(
    private readonly context: CliContext,
    { mode, quiet, flags = {} }: OutputOptions,
  ) {
    this.flags = flags;
    this.mode = mode;
    this.quiet = quiet;
    this.colors = createColors(isColored(context.stdout, context.env));
    this.talkColors = createColors(isColored(context.stderr, context.env));
    this.drawn = new DrawnBlock(context.stderr);
  }

  /** True where a status line can be drawn and a question can be asked. */
  get interactive(): boolean {
    return this.context.stderr.isTTY === true && this.context.env.TERM !== 'dumb';
  }

  /** Columns of the terminal that data goes to; undefined where it goes elsewhere, and nothing is cut. */
  get columns(): number | undefined {
    return this.context.stdout.columns;
  }

  /** Columns and rows that a status may take. */
  get statusRoom(): { readonly columns: number; readonly rows: number } {
    return this.drawn.room;
  }

  /** A path as one would type it here. */
  shortPath(file: string): string {
    const relative = path.relative(this.context.cwd, file);
    return relative.startsWith('..') || relative.length > file.length ? file : relative;
  }

  /** A line of data in text form; JSON mode leaves it out. */
  print(text: string): void {
    if (this.mode === 'json') return;
    this.withoutStatus(() => this.context.stdout.write(`${text}\n`));
  }

  /** Data as it is, in both modes: a log, a file. */
  raw(text: string): void {
    this.withoutStatus(() => this.context.stdout.write(text));
  }

  /** The same for a piece of much data; resolves once the reader has kept up, so that none is held. */
  async piece(text: string): Promise<void> {
    this.raw(text);
    const { stdout } = this.context;
    if (stdout.writableNeedDrain !== true) return;
    await new Promise<void>((resolve) => {
      stdout.once?.('drain', resolve);
      stdout.once?.('close', resolve);
    });
  }

  /** JSON mode's one document, or one event of a long-running command: a line each. */
  json(value: unknown): void {
    if (this.mode !== 'json') return;
    this.withoutStatus(() => this.context.stdout.write(`${JSON.stringify(value)}\n`));
  }

  /** Talk: what is being done. */
  say(line: string): void {
    if (!this.quiet) this.talk(line);
  }

  warn(line: string): void {
    this.talk(`${this.talkColors.yellow('Warning:')} ${line}`);
  }

  error(line: string): void {
    this.talk(`${this.talkColors.red('Error:')} ${line}`);
  }

  /** Draws the status in place of the one before; without a text it takes it away. Only on a terminal. */
  status(text?: string | readonly string[]): void {
    if (!this.interactive || this.quiet) return;
    this.drawn.draw(text === undefined ? [] : typeof text === 'string' ? [text] : text);
  }

  private talk(line: string): void {
    const copied = linesToCopy(line, this.flags);
    this.withoutStatus(() => this.context.stderr.write(`${copied}\n`));
  }

  private withoutStatus(write: () => void): void {
    this.drawn.above(write);
  }
}

/** https://no-color.org: set and not empty means no color; FORCE_COLOR wins over a missing terminal. */
function isColored(stream: OutputStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
