import { appendFileSync, mkdirSync } from 'node:fs';
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

function levelOf(line: string): LogLevel | undefined {
  return /^\S+ \S+ (ERROR|WARN|INFO) /.exec(line)?.[1] as LogLevel | undefined;
}

/** Lines that wait in memory until so many make a write worth while, or the task ends. */
const linesPerWrite = 32;

/** The log of one task: in memory while the entrance knows the task, and in its log file. */
export class JobLog {
  readonly lines: string[] = [];
  readonly #file: string;
  #written = 0;

  constructor(file: string) {
    this.#file = file;
  }

  append(level: LogLevel, text: string): void {
    this.lines.push(...`${stamp(new Date())} ${level} ${text}`.split('\n'));
    if (this.lines.length - this.#written >= linesPerWrite) this.flush();
  }

  flush(): void {
    const waiting = this.lines.slice(this.#written);
    if (waiting.length === 0) return;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, `${waiting.join('\n')}\n`);
    this.#written = this.lines.length;
  }
}

/** `2026-01-31 08:09:10.123`, in UTC. */
export function stamp(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
