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
const magic = 'dolphin';

/** The file isn't a result set. */
export class ResultFileError extends Error {}

/** Writes `_0.dolphin`: a header line, then a JSON array a row; an index beside it finds pages. */
export class ResultFileWriter {
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly #offsets: number[] = [];
  #sizeBytes = 0;
  #rowCount = 0;

  private constructor(target: string, handle: FileHandle) {
    this.#target = target;
    this.#handle = handle;
  }

  static async create(target: string, header: Header): Promise<ResultFileWriter> {
    await mkdir(path.dirname(target), { recursive: true });
    const writer = new ResultFileWriter(target, await open(partOf(target), 'w'));
    await writer.#append(`${magic}${JSON.stringify(header)}\n`);
    return writer;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async write(rows: readonly ResultRow[]): Promise<void> {
    let text = '';
    for (const row of rows) {
      if (this.#rowCount % rowsPerOffset === 0) {
        await this.#append(text);
        text = '';
        this.#offsets.push(this.#sizeBytes);
      }
      text += `${JSON.stringify(row)}\n`;
      this.#rowCount += 1;
    }
    await this.#append(text);
  }

  /** The file appears under its name only now. */
  async finish(): Promise<void> {
    await this.#handle.close();
    const index: Index = { rowCount: this.#rowCount, offsets: [...this.#offsets, this.#sizeBytes] };
    await writeFile(indexOf(this.#target), JSON.stringify(index));
    await rename(partOf(this.#target), this.#target);
  }

  async abandon(): Promise<void> {
    await this.#handle.close();
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) await this.#handle.write(bytes);
    this.#sizeBytes += bytes.length;
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

  /** @throws ResultFileError in Linkis' words */
  static async open(file: string): Promise<ResultFile> {
    const handle = await open(file);
    try {
      const index = JSON.parse(await readFile(indexOf(file), 'utf8').catch(() => 'null')) as Index;
      const bytes = Buffer.alloc(index?.offsets[0] ?? 0);
      await handle.read(bytes, 0, bytes.length, 0);
      const head = bytes.toString('utf8');
      if (!head.startsWith(magic)) throw new ResultFileError('File header type must be dolphin');
      return new ResultFile(file, JSON.parse(head.slice(magic.length)) as Header, index);
    } finally {
      await handle.close();
    }
  }

  get rowCount(): number {
    return this.#index.rowCount;
  }

  /** Up to `count` rows from the row `from`, which counts from 0. */
  async rows(from: number, count: number): Promise<ResultRow[]> {
    const to = Math.min(from + count, this.rowCount);
    if (from >= to) return [];
    const { offsets } = this.#index;
    const first = Math.floor(from / rowsPerOffset);
    const start = offsets[first]!;
    const bytes = Buffer.alloc(offsets[Math.ceil(to / rowsPerOffset)]! - start);
    const handle = await open(this.#file);
    try {
      await handle.read(bytes, 0, bytes.length, start);
    } finally {
      await handle.close();
    }
    const skipped = first * rowsPerOffset;
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .slice(from - skipped, to - skipped);
    return JSON.parse(`[${lines.join(',')}]`) as ResultRow[];
  }

  /** The first `limit` rows in pages, at flat memory. */
  async *pages(limit: number): AsyncGenerator<ResultRow[]> {
    for (let from = 0; from < Math.min(limit, this.rowCount); from += rowsPerOffset) {
      yield await this.rows(from, Math.min(rowsPerOffset, limit - from));
    }
  }
}

function partOf(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.part`);
}

function indexOf(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.index`);
}
