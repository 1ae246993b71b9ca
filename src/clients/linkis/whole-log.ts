import { WireError } from '../http/errors';
import { parseJson } from '../http/shape';
import type { StreamResponse } from '../http/transport';
import { JsonScanner, type JsonPath, type JsonVisitor } from '../json-scanner';
import { readData, type Reading } from './envelope';
import { EscapedLines } from './escaped-lines';

/** Longest answer that is looked at where no log was due: a refusal, a proxy's page. */
const maxHeadBytes = 64 * 1024;

/** `[ERROR, WARN, INFO, ALL]`: where all lines stand. */
const partOfAll = 3;
const parts = 4;

/** Lines some at a time. Read once. */
export interface LinkisLogLines extends AsyncIterable<readonly string[]> {
  /** Gives up the answer; nothing where it has been read. */
  close(): void;
}

/**
 * The lines of a streamed `GET /filesystem/openLog`, of which only some are in memory at a time.
 *
 * `{…, "data": {"log": [ERROR, WARN, INFO, ALL]}}` is read as it arrives, and only ALL of it is kept;
 * the log may be one text, too, or null. Nothing says how long it is. So the status, which may come
 * behind the log, and the end of the JSON are looked at before the lines end.
 *
 * @throws VendorError, HttpError or WireError where there is no log; the lines throw WireError where
 *   the answer ends too early, and TransportError
 */
export async function readWholeLog(
  answer: StreamResponse,
  reading: Reading,
): Promise<LinkisLogLines> {
  const close = () => void answer.body.destroy();
  const chunks = answer.body.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Buffer>;
  try {
    if (answer.status < 200 || answer.status > 299) {
      readData({ ...answer, text: await beginning(chunks) }, reading);
    }
    const log = new LogAnswer(answer, reading);
    // A refusal is told before any line is: an expired session, say, can be renewed then.
    while (!log.hasBegun) {
      const next = await chunks.next();
      if (next.done === true) log.finish();
      else log.push(next.value);
    }
    return { close, [Symbol.asyncIterator]: () => linesOf(log, chunks) };
  } catch (error) {
    close();
    throw error;
  }
}

async function* linesOf(
  log: LogAnswer,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly string[]> {
  yield log.take();
  for await (const chunk of chunks) {
    log.push(chunk);
    yield log.take();
  }
  log.finish();
}

async function beginning(chunks: AsyncIterator<Buffer>): Promise<string> {
  let text = '';
  while (text.length < maxHeadBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    text += next.value.toString('utf8');
  }
  return text;
}

/** Picks the log's lines, and the few values that tell whether it is one. */
class LogAnswer implements JsonVisitor {
  /** The log's place in the answer has been found. */
  hasBegun = false;
  readonly #answer: StreamResponse;
  readonly #reading: Reading;
  readonly #scanner = new JsonScanner(this);
  readonly #text: EscapedLines;
  #lines: string[] = [];
  #head = '';
  /** The answer's own fields beside the log. */
  readonly #said: Record<string, unknown> = {};
  #errCode: unknown;
  /** What stands where the log should. */
  #found = 'missing';
  #isLog = false;

  constructor(answer: StreamResponse, reading: Reading) {
    this.#answer = answer;
    this.#reading = reading;
    this.#text = new EscapedLines(answer.endpoint);
  }

  /** The lines since the last time. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  push(chunk: Buffer): void {
    if (!this.hasBegun && this.#head.length < maxHeadBytes) {
      this.#head += chunk.toString('utf8', 0, maxHeadBytes);
    }
    try {
      this.#scanner.push(chunk);
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#notJson();
      throw error;
    }
  }

  /** @throws VendorError, HttpError, WireError where that was no log, or not to its end */
  finish(): void {
    if (!this.#scanner.isComplete) throw this.#notJson();
    const data = { errorMsg: { errCode: this.#errCode } };
    readData({ ...this.#answer, text: JSON.stringify({ ...this.#said, data }) }, this.#reading);
    this.hasBegun = true;
    if (this.#isLog) return;
    throw new WireError({
      endpoint: this.#answer.endpoint,
      field: 'data.log',
      expected: `a text, or a list of ${parts} texts`,
      found: this.#found,
    });
  }

  enter(path: JsonPath, isList: boolean): boolean {
    if (!isAt(path, 'data', 'log')) {
      return !isList && (path.length === 0 || isAt(path, 'data') || isAt(path, 'data', 'errorMsg'));
    }
    this.#found = isList ? 'an empty list' : 'an object';
    return isList;
  }

  value(path: JsonPath, value: string | number | boolean | null): void {
    if (path.length === 1) this.#said[path[0] as string] = value;
    else if (isAt(path, 'data', 'errorMsg', 'errCode')) this.#errCode = value;
    else if (isLog(path)) this.#see(path, value === null || typeof value === 'string');
  }

  streams(path: JsonPath): boolean {
    const isWanted = isLog(path) && (path.length === 2 || path[2] === partOfAll);
    if (isWanted) this.#see(path, true);
    return isWanted;
  }

  piece(raw: Uint8Array, isLast: boolean): void {
    this.hasBegun = true;
    for (const line of this.#text.push(raw)) this.#lines.push(line);
    if (isLast) for (const line of this.#text.end()) this.#lines.push(line);
  }

  #see(path: JsonPath, isText: boolean): void {
    const [, , part] = path;
    this.#isLog = isText && (part === undefined || part === partOfAll);
    if (!isText) this.#found = 'something else';
    else if (part !== undefined) this.#found = `a list of ${Number(part) + 1}`;
  }

  #notJson(): Error {
    const { endpoint } = this.#answer;
    try {
      // What was left out, or is missing, doesn't make JSON of it.
      parseJson(this.#head.trim() === '' ? '' : `${this.#head} …`, endpoint);
    } catch (error) {
      return error as Error;
    }
    return new WireError({ endpoint, field: 'body', expected: 'JSON', found: 'broken JSON' });
  }
}

function isLog(path: JsonPath): boolean {
  return path[0] === 'data' && path[1] === 'log' && path.length <= 3;
}

function isAt(path: JsonPath, ...keys: string[]): boolean {
  return path.length === keys.length && keys.every((key, index) => path[index] === key);
}
