import { appendFileSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import path from 'node:path';

export type LogLevel = 'ERROR' | 'WARN' | 'INFO';

/** `[ERROR, WARN, INFO, ALL]`, each one newline-joined text; lines without a level are in ALL only. */
export function fourParts(lines: readonly string[]): [string, string, string, string] {
  const ofLevel = (level: LogLevel) => lines.filter((line) => levelOf(line) === level).join('\n');
  return [ofLevel('ERROR'), ofLevel('WARN'), ofLevel('INFO'), lines.join('\n')];
}

/** Index of the first line of a page. Where lines count from 1, `fromLine` 0 and 1 ask for the same. */
export function startOfPage(fromLine: number, logIndexBase: 0 | 1): number {
  return Math.max(0, fromLine - logIndexBase);
}

export function levelOf(line: string): LogLevel | undefined {
  return /^\S+ \S+ (ERROR|WARN|INFO) /.exec(line)?.[1] as LogLevel | undefined;
}

/** Lines that wait in memory until so many make a write worth while, or the task ends. */
const linesPerWrite = 32;
const linesPerOffset = 1000;

/** The log of one task, in its file but for its last lines: millions of lines take no memory. */
export class JobLog {
  readonly #file: string;
  #lineCount = 0;
  /** Lines that aren't in the file yet. */
  #waiting: string[] = [];
  /** Where every thousandth line begins in the file. */
  readonly #offsets: number[] = [];
  #sizeBytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  append(level: LogLevel, text: string): void {
    this.#take(`${stamp(new Date())} ${level} ${text}`.split('\n'));
  }

  /** Many lines at once, of the level INFO. */
  appendAll(texts: readonly string[]): void {
    const start = `${stamp(new Date())} INFO `;
    this.#take(texts.map((text) => start + text));
  }

  /** Up to `count` lines from the line `from`, which counts from 0. */
  lines(from: number, count: number): string[] {
    const written = this.#lineCount - this.#waiting.length;
    if (from >= written) return this.#waiting.slice(from - written, from - written + count);
    this.flush();
    const first = Math.floor(from / linesPerOffset);
    const start = this.#offsets[first] ?? 0;
    const end = this.#offsets[Math.ceil((from + count) / linesPerOffset)] ?? this.#sizeBytes;
    const bytes = Buffer.alloc(end - start);
    const handle = openSync(this.#file, 'r');
    readSync(handle, bytes, 0, bytes.length, start);
    closeSync(handle);
    const skipped = first * linesPerOffset;
    const lines = bytes.toString('utf8').slice(0, -1).split('\n');
    return lines.slice(from - skipped, from + count - skipped);
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    if (this.#sizeBytes === 0) mkdirSync(path.dirname(this.#file), { recursive: true });
    let number = this.#lineCount - this.#waiting.length;
    for (const line of this.#waiting) {
      if (number % linesPerOffset === 0) this.#offsets.push(this.#sizeBytes);
      this.#sizeBytes += Buffer.byteLength(line) + 1;
      number += 1;
    }
    appendFileSync(this.#file, `${this.#waiting.join('\n')}\n`);
    this.#waiting = [];
  }

  #take(lines: readonly string[]): void {
    for (const line of lines) this.#waiting.push(line);
    this.#lineCount += lines.length;
    if (this.#waiting.length >= linesPerWrite) this.flush();
  }
}

/** `2026-01-31 08:09:10.123`, in UTC. */
export function stamp(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
