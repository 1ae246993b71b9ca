import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ResultColumn, ResultRow } from '../engine/sql-engine';

/** `1` is text, `2` a table; Linkis has three more, which no SQL makes. */
export type ResultType = '1' | '2';

interface Header {
  readonly type: ResultType;
  readonly columns: readonly ResultColumn[];
}

interface Index {
  readonly rowCount: number;
  /** Where every thousandth row begins, and where the last one ends. */
  readonly offsets: readonly number[];
}

const rowsPerOffset = 1000;
const charactersPerWrite = 256 * 1024;
const magic = 'dolphin';

/** The file isn't a result set. */
export class ResultFileError extends Error {}

/** Writes `_0.dolphin`: a header line, then a JSON array a row; an index beside it finds pages. */
export class ResultFileWriter {
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly #offsets: number[] = [];
  /** Text that isn't in the file yet: a small result set is one write. */
  #waiting = '';
  #sizeBytes = 0;
  #rowCount = 0;

  private constructor(target: string, handle: FileHandle) {
    this.#target = target;
    this.#handle = handle;
  }

  static async create(target: string, header: Header): Promise<ResultFileWriter> {
    await mkdir(path.dirname(target), { recursive: true });
    const writer = new ResultFileWriter(target, await open(partOf(target), 'w'));
    writer.#add(`${magic}${JSON.stringify(header)}\n`);
    return writer;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async write(rows: readonly ResultRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#rowCount % rowsPerOffset === 0) this.#offsets.push(this.#sizeBytes);
      this.#add(`${JSON.stringify(row)}\n`);
      this.#rowCount += 1;
    }
    if (this.#waiting.length > charactersPerWrite) await this.#flush();
  }

  /** The file appears under its name only now. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#handle.close();
    const index: Index = { rowCount: this.#rowCount, offsets: [...this.#offsets, this.#sizeBytes] };
    await writeFile(indexOf(this.#target), JSON.stringify(index));
    await rename(partOf(this.#target), this.#target);
  }

  async abandon(): Promise<void> {
    await this.#handle.close();
  }

  #add(text: string): void {
    this.#waiting += text;
    this.#sizeBytes += Buffer.byteLength(text);
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    await this.#handle.writeFile(text);
  }
}

/** Reads any rows of a result set without reading those before them. */
export class ResultFile {
  readonly #file: string;
  readonly #index: Index;

  private constructor(
    file: string,
    readonly header: Header,
    index: Index,
  ) {
    this.#file = file;
    this.#index = index;
  }

  /**
   * @param mostColumns a table that has more seems to have no rows
   * @throws ResultFileError in Linkis' words
   */
  static async open(file: string, mostColumns: number): Promise<ResultFile> {
    const handle = await open(file);
    try {
      const index = JSON.parse(await readFile(indexOf(file), 'utf8').catch(() => 'null')) as Index;
      const bytes = Buffer.alloc(index?.offsets[0] ?? 0);
      await handle.read(bytes, 0, bytes.length, 0);
      const head = bytes.toString('utf8');
      if (!head.startsWith(magic)) throw new ResultFileError('File header type must be dolphin');
      const header = JSON.parse(head.slice(magic.length)) as Header;
      const isHidden = header.columns.length > mostColumns;
      return new ResultFile(file, header, isHidden ? { ...index, rowCount: 0 } : index);
    } finally {
      await handle.close();
    }
  }

  get rowCount(): number {
    return this.#index.rowCount;
  }

  /** Up to `count` rows from the row `from`, which counts from 0. */
  async rows(from: number, count: number): Promise<ResultRow[]> {
    const bytes = await this.page(from, count);
    return JSON.parse(`[${bytes.toString('utf8')}]`) as ResultRow[];
  }

  /** The same as the JSON arrays lie in the file, with commas between them. */
  async page(from: number, count: number): Promise<Buffer> {
    const to = Math.min(from + count, this.rowCount);
    if (from >= to) return Buffer.alloc(0);
    const { offsets } = this.#index;
    const first = Math.floor(from / rowsPerOffset);
    const start = offsets[first]!;
    const bytes = Buffer.allocUnsafe(offsets[Math.ceil(to / rowsPerOffset)]! - start);
    const handle = await open(this.#file);
    try {
      await handle.read(bytes, 0, bytes.length, start);
    } finally {
      await handle.close();
    }
    const begin = afterRows(bytes, 0, from - first * rowsPerOffset);
    const rows = bytes.subarray(begin, afterRows(bytes, begin, to - from) - 1);
    // Inside of a row every line break is escaped.
    for (let at = rows.indexOf(lineBreak); at >= 0; at = rows.indexOf(lineBreak, at)) {
      rows[at] = comma;
    }
    return rows;
  }

  /** The first `limit` rows in pages, at flat memory. */
  async *pages(limit: number): AsyncGenerator<ResultRow[]> {
    for (let from = 0; from < Math.min(limit, this.rowCount); from += rowsPerOffset) {
      yield await this.rows(from, Math.min(rowsPerOffset, limit - from));
    }
  }
}

const lineBreak = 10;
const comma = 44;

/** Where the rows after so many begin. */
function afterRows(bytes: Buffer, start: number, count: number): number {
  let at = start;
  for (let row = 0; row < count; row += 1) at = bytes.indexOf(lineBreak, at) + 1;
  return at;
}

function partOf(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.part`);
}

function indexOf(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.index`);
}
