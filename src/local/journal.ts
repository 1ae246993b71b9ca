import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { appendLines, appendWhole, eachLine } from './line-file';

/** Below this a file is never written anew while it is in use. */
const leastCompactedBytes = 64 * 2 ** 20;

/**
 * Rows in one file: a JSON line for each change, so that a change costs one short write, and what
 * was appended is there after a SIGKILL. Whoever reads takes the last line of each row.
 */
export class Journal<Row extends object> {
  #handle: number | undefined;
  #sizeBytes: number;
  #compactAtBytes = 0;

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
    this.#handle = openSync(file, 'a+');
    try {
      this.#sizeBytes = eachLine(this.#handle, (line) => take(JSON.parse(line) as Row));
      // A line that a killed process left unfinished: the next one would be glued to it.
      ftruncateSync(this.#handle, this.#sizeBytes);
      this.#compact();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * In the file when it returns. After {@link close} it does nothing, as after a SIGKILL.
   *
   * @throws where the file can't take it; then none of it is there, and what follows is kept again
   */
  append(row: Row): void {
    if (this.#handle === undefined) return;
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    appendWhole(this.#handle, line, this.#sizeBytes);
    this.#sizeBytes += line.length;
    if (this.#sizeBytes > this.#compactAtBytes) this.#compact();
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  /** Where the new file can't be made, the old one has all rows, and goes on growing. */
  #compact(): void {
    const unfinished = `${this.file}.new`;
    let handle: number | undefined;
    try {
      rmSync(unfinished, { force: true });
      handle = openSync(unfinished, 'ax');
      const sizeBytes = appendLines(handle, jsonOf(this.live()));
      renameSync(unfinished, this.file);
      this.close();
      [this.#handle, this.#sizeBytes] = [handle, sizeBytes];
    } catch (error) {
      if (handle !== undefined) closeSync(handle);
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    this.#compactAtBytes = Math.max(leastCompactedBytes, 4 * this.#sizeBytes);
  }
}

function* jsonOf(rows: Iterable<object>): Generator<string> {
  for (const row of rows) yield JSON.stringify(row);
}
