import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** Below this a file is never written anew while it is in use. */
const leastCompactedBytes = 64 * 2 ** 20;

/**
 * Rows in one file: a JSON line for each change, so that a change costs one short write, and what
 * was appended is there after a SIGKILL. Whoever reads takes the last line of each row.
 */
export class Journal<Row extends object> {
  #handle: number | undefined;
  #sizeBytes = 0;
  #compactedBytes = 0;

  /**
   * Takes up what `file` holds with `take`, in the order in which it was written; then, and
   * whenever the file has grown to a multiple, it is written anew with what `live` gives.
   */
  constructor(
    private readonly file: string,
    take: (row: Row) => void,
    private readonly live: () => Iterable<Row>,
  ) {
    mkdirSync(path.dirname(file), { recursive: true });
    for (const line of linesOf(file)) take(JSON.parse(line) as Row);
    this.#compact();
  }

  /** On disk when it returns. After {@link close} it does nothing, as after a SIGKILL. */
  append(row: Row): void {
    if (this.#handle === undefined) return;
    this.#sizeBytes += writeSync(this.#handle, `${JSON.stringify(row)}\n`);
    if (this.#sizeBytes > Math.max(leastCompactedBytes, 4 * this.#compactedBytes)) this.#compact();
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #compact(): void {
    this.close();
    const text = Array.from(this.live(), (row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(`${this.file}.new`, text);
    renameSync(`${this.file}.new`, this.file);
    this.#handle = openSync(this.file, 'a');
    this.#sizeBytes = this.#compactedBytes = Buffer.byteLength(text);
  }
}

/** A last line that a killed process left unfinished is dropped. */
function linesOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').slice(0, -1);
}
