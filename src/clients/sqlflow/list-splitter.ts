import { IncompleteError } from '../http/errors';
import { JsonScanner, type JsonPath, type JsonVisitor } from '../json-scanner';

export interface RowChoice {
  readonly field: string;
  wants(value: string): boolean;
}

export interface ListSplitterOptions {
  readonly endpoint: string;
  /** Of one row, and of all that isn't rows. */
  readonly maxKeptBytes: number;
  /** @default every row is wanted */
  readonly choice?: RowChoice;
  /**
   * Takes a row that is wanted, or whose field couldn't be read. The bytes are its own only during
   * the call.
   */
  onRow(bytes: Buffer, index: number): void;
}

/**
 * Takes `{…, "data": {…, "jobDetails": [row, row, …]}}` apart while it arrives: rows that nobody
 * wants are passed over, a wanted one is handed over as soon as it is whole, and what remains is the
 * answer with its lists empty. So a list of any length takes no more memory than its longest wanted
 * row, and holds the process up for no longer than a chunk does.
 */
export class ListSplitter implements JsonVisitor {
  readonly #options: ListSplitterOptions;
  readonly #scanner = new JsonScanner(this);
  readonly #rest: Buffer[] = [];
  #restBytes = 0;
  #row: Buffer[] = [];
  #rowBytes = 0;
  /** What the bytes from `#keptUpTo` on belong to. */
  #within: 'rest' | 'row' | 'nothing' = 'rest';
  #keptUpTo = 0;
  #chunk: Buffer = Buffer.alloc(0);
  /** Where the chunk begins in the whole answer. */
  #chunkAt = 0;
  #rows = 0;
  #isBroken = false;

  constructor(options: ListSplitterOptions) {
    this.#options = options;
  }

  /** Rows of the list so far, wanted or not. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes so far. */
  get sizeBytes(): number {
    return this.#chunkAt;
  }

  /** @throws IncompleteError where a wanted row, or all the rest, is longer than may be kept */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    if (!this.#isBroken) this.#scan();
    this.#goTo(this.#within, this.#chunkAt + chunk.length);
    this.#chunkAt += chunk.length;
  }

  /** The answer without its rows. Where it wasn't JSON it never becomes so by what was left out. */
  rest(): string {
    const text = new TextDecoder().decode(Buffer.concat(this.#rest));
    return this.#isBroken && text.trimStart().startsWith('{') ? `${text} …` : text;
  }

  #scan(): void {
    try {
      this.#scanner.push(this.#chunk);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // A page of HTML, or plain text: it is shown as it came.
      this.#isBroken = true;
      this.#within = 'rest';
    }
  }

  enter(path: JsonPath, isList: boolean, at: number): boolean {
    const [top, list] = path;
    if (path.length === 0 || (path.length === 1 && top === 'data')) return !isList;
    if (top !== 'data') return false;
    // Besides the jobs there are their ids once more.
    if (path.length === 2 && isList) this.#goTo('nothing', at + 1);
    if (path.length === 2) return isList;
    if (path.length > 3 || list !== 'jobDetails') return false;
    this.#row = [];
    this.#rowBytes = 0;
    this.#goTo('row', at);
    return true;
  }

  value(path: JsonPath, value: string | number | boolean | null): void | 'pass over' {
    if (path[1] !== 'jobDetails' || path[0] !== 'data') return;
    if (path.length === 3) this.#handOver(Buffer.from(JSON.stringify(value)), path);
    if (path.length !== 4) return;
    const { choice } = this.#options;
    if (choice === undefined) return 'pass over';
    const isRead = typeof value === 'string' || typeof value === 'number';
    if (path[3] !== choice.field || !isRead) return;
    if (!choice.wants(String(value))) this.#within = 'nothing';
    return 'pass over';
  }

  leave(path: JsonPath, at: number): void {
    if (path.length === 2) this.#goTo('rest', at);
    if (path.length !== 3) return;
    const isKept = this.#within === 'row';
    this.#goTo('nothing', at + 1);
    if (isKept) this.#handOver(joined(this.#row), path);
    else this.#rows += 1;
  }

  #handOver(bytes: Buffer, path: JsonPath): void {
    this.#rows += 1;
    this.#options.onRow(bytes, path[2] as number);
  }

  /** Keeps what was read since the last time, and tells where what follows belongs. */
  #goTo(next: 'rest' | 'row' | 'nothing', at: number): void {
    const piece = this.#chunk.subarray(this.#keptUpTo - this.#chunkAt, at - this.#chunkAt);
    if (this.#within === 'rest') {
      // A copy: a piece of the chunk would hold all of it.
      this.#rest.push(Buffer.from(piece));
      this.#requireRoom((this.#restBytes += piece.length));
    } else if (this.#within === 'row') {
      this.#row.push(piece);
      this.#requireRoom((this.#rowBytes += piece.length));
    }
    this.#within = next;
    this.#keptUpTo = at;
  }

  #requireRoom(keptBytes: number): void {
    const { endpoint, maxKeptBytes } = this.#options;
    if (keptBytes <= maxKeptBytes) return;
    throw new IncompleteError(
      'Http.BodyTooLarge',
      `${endpoint} answered with more than the ${maxKeptBytes} bytes that maxBodyBytes allows for one job, and for all besides the jobs`,
      endpoint,
    );
  }
}

/** Most rows lie in one chunk, and are read where they are. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}
