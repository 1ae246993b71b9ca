import { IncompleteError, WireError } from '../http/errors';
import { toLines } from './wire-log';

/** Longer than what any task prints, and short enough to be held. */
const maxLineBytes = 64 * 1024 * 1024;

const backslash = 0x5c;

/**
 * Takes a text of JSON apart into its lines while it arrives. The pieces are put together up to the
 * last line end in them: no escape, no character of several bytes and no pair of surrogates stands
 * across one.
 */
export class EscapedLines {
  readonly #endpoint: string;
  /** The beginning of a line; never ends in the middle of `\n`. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** A backslash whose second half is still to come. */
  #isSplit = false;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /**
   * @param raw as it stands in JSON, without the quotes
   * @throws WireError where it isn't JSON; IncompleteError where a line is too long to be held
   */
  push(raw: Uint8Array): readonly string[] {
    let bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    if (bytes.length === 0) return [];
    if (this.#isSplit) bytes = Buffer.concat([Buffer.of(backslash), bytes]);
    this.#isSplit = isEscapedAt(bytes, bytes.length);
    if (this.#isSplit) bytes = bytes.subarray(0, -1);
    const end = lastLineEnd(bytes);
    if (end === 0) {
      this.#keep(bytes);
      return [];
    }
    const text = this.#decoded(bytes.subarray(0, end));
    this.#keep(bytes.subarray(end));
    return toLines(text);
  }

  /** What follows the last line end. */
  end(): readonly string[] {
    return toLines(this.#decoded(Buffer.alloc(0)));
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > maxLineBytes) {
      const message = `${this.#endpoint} answered with a line of more than ${maxLineBytes} bytes`;
      throw new IncompleteError('Http.BodyTooLarge', message, this.#endpoint);
    }
    // A copy: a piece of the chunk would hold all of it.
    this.#pending.push(Buffer.from(bytes));
  }

  #decoded(last: Buffer): string {
    const bytes = this.#pending.length === 0 ? last : Buffer.concat([...this.#pending, last]);
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      return JSON.parse(`"${bytes.toString('utf8')}"`) as string;
    } catch {
      const found = 'broken JSON';
      throw new WireError({ endpoint: this.#endpoint, field: 'data.log', expected: 'JSON', found });
    }
  }
}

/** Where the last line that is whole ends; 0 where none does. */
function lastLineEnd(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf('\\n'); at >= 0; at = bytes.lastIndexOf('\\n', at - 1)) {
    if (!isEscapedAt(bytes, at)) return at + 2;
    if (at === 0) break;
  }
  return 0;
}

/** True behind an odd number of backslashes. */
function isEscapedAt(bytes: Buffer, at: number): boolean {
  let start = at;
  while (start > 0 && bytes[start - 1] === backslash) start -= 1;
  return (at - start) % 2 === 1;
}
