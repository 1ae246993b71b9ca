import { Readable } from 'node:stream';
import { TransportError, WireError } from '../http/errors';
import type { StreamResponse } from '../http/transport';
import { readData, refusal, type Reading } from './envelope';

/** Longest error text that is read where a file was due. */
const maxErrorBytes = 64 * 1024;
/** Enough for `error(错误):` and for the first bytes of a zip. */
const headBytes = 32;

/** An xlsx file is a zip. */
const zipMagic = Buffer.from('PK');

/** How the service begins an error that it sends in a file's place, with HTTP 200. */
const errorText = /^error\([^)]{0,20}\)\s*[:：]\s*/;

/**
 * The file in a streamed answer.
 *
 * The service says an error with HTTP 200 and a text that begins with `error(错误):`; only an answer
 * with `Content-Disposition` is a file, and even its first bytes are looked at.
 *
 * @throws VendorError, HttpError, WireError
 */
export async function readDownload(
  answer: StreamResponse,
  format: 'csv' | 'xlsx',
  reading: Reading,
): Promise<Readable> {
  try {
    const isSuccess = answer.status >= 200 && answer.status <= 299;
    const chunks = answer.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    if (!isSuccess || answer.headers['content-disposition'] === undefined) {
      throw noFile(answer, await takeWords(chunks), reading);
    }
    const head = await take(chunks, headBytes);
    if (errorText.test(head.toString('utf8'))) {
      throw noFile(answer, await takeWords(chunks, head), reading);
    }
    const isWhole = format === 'xlsx' ? head.subarray(0, 2).equals(zipMagic) : head.length > 0;
    if (!isWhole) {
      const found = head.length === 0 ? 'empty' : 'something else';
      throw unexpected(answer, 'body', `a ${format} file`, found);
    }
    return resumed(head, chunks, answer.body);
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

/** Chunks until there are `sizeBytes` or no more. */
async function take(chunks: AsyncIterator<Buffer>, sizeBytes: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  for (let left = sizeBytes; left > 0;) {
    const next = await chunks.next();
    if (next.done === true) break;
    taken.push(next.value);
    left -= next.value.length;
  }
  return Buffer.concat(taken);
}

/**
 * What is said in a file's place. The service drops the connection after some errors (an empty
 * folder): the words count all the same.
 */
async function takeWords(
  chunks: AsyncIterator<Buffer>,
  head: Buffer = Buffer.alloc(0),
): Promise<string> {
  let words = head;
  try {
    while (words.length < maxErrorBytes) {
      const next = await chunks.next();
      if (next.done === true) break;
      words = Buffer.concat([words, next.value]);
    }
  } catch (error) {
    const isSaid = error instanceof TransportError && errorText.test(words.toString('utf8'));
    if (!isSaid) throw error;
  }
  return words.toString('utf8');
}

function noFile(answer: StreamResponse, text: string, reading: Reading): Error {
  const words = text.trim();
  if (errorText.test(words)) {
    return refusal(answer, reading, { status: 1, words: words.replace(errorText, '') });
  }
  if (answer.status !== 200 || words.startsWith('{')) {
    try {
      readData({ ...answer, text }, reading);
    } catch (error) {
      return error as Error;
    }
  }
  return unexpected(answer, 'the header content-disposition', 'that of a file', 'missing');
}

function unexpected(answer: StreamResponse, field: string, expected: string, found: string): Error {
  return new WireError({ endpoint: answer.endpoint, field, expected, found });
}

/** The whole file again: what was looked at, then the rest as it is asked for. */
function resumed(head: Buffer, rest: AsyncIterator<Buffer>, source: Readable): Readable {
  const file = new Readable({
    read() {
      rest.next().then(
        (next) => file.push(next.done === true ? null : next.value),
        (error: unknown) => file.destroy(error as Error),
      );
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  file.push(head);
  return file;
}
