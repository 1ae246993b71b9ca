/** Where a value stands: object keys and list indexes from the root. Valid only during the call. */
export type JsonPath = readonly (string | number)[];

export interface JsonVisitor {
  /**
   * A list or an object begins; false passes over what it holds.
   *
   * @param at the offset of its bracket in the text, in bytes
   */
  enter(path: JsonPath, isList: boolean, at: number): boolean;
  /** A list or an object that was entered ends, with the bracket at this offset. */
  leave?(path: JsonPath, at: number): void;
  /** Texts longer than 4 KB are cut. `pass over` leaves out the rest of what holds this value. */
  value(path: JsonPath, value: string | number | boolean | null): void | 'pass over';
  /** True for a text of any length that is wanted as it comes: `piece` is told it, `value` isn't. */
  streams?(path: JsonPath): boolean;
  /**
   * @param raw the next bytes of such a text, with its escapes; they may end in the middle of one,
   *   and are its own only during the call
   */
  piece?(raw: Uint8Array, isLast: boolean): void;
}

const maxTextBytes = 4096;
/** Escapes and wide characters take several bytes; what is too long is cut after decoding. */
const maxRawBytes = 2 * maxTextBytes;
const maxDepth = 1000;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;

const isByteOrderMark = (byte: number | undefined) =>
  byte === 0xef || byte === 0xbb || byte === 0xbf;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Walks through JSON chunk by chunk at constant memory, so that an export of any size can be
 * looked at. It follows the structure, brackets, texts and separators, and is no full validator.
 *
 * @throws SyntaxError from `push` where the structure is broken
 */
export class JsonScanner {
  readonly #visitor: JsonVisitor;
  /** The closing byte of every open list or object. */
  readonly #closers: number[] = [];
  readonly #path: (string | number)[] = [];
  /** Looking goes on below this depth; 0 while it does. */
  #passOverDepth = 0;
  /** What is passed over is the rest of a list or an object that was entered. */
  #isRest = false;
  #inText = false;
  /** The visitor takes this text as it comes. */
  #isStreamed = false;
  #isEscaped = false;
  #isKeyDue = false;
  #isDone = false;
  #text: Buffer[] = [];
  #textBytes = 0;
  #literal = '';
  #position = 0;

  constructor(visitor: JsonVisitor) {
    this.#visitor = visitor;
  }

  /** True once the root value has been closed. */
  get isComplete(): boolean {
    return this.#isDone;
  }

  push(chunk: Uint8Array): void {
    let index = 0;
    while (this.#position + index < 3 && isByteOrderMark(chunk[index])) index += 1;
    while (index < chunk.length) {
      if (this.#inText) {
        index = this.#textUntil(chunk, index);
        continue;
      }
      if (this.#passOverDepth !== 0) {
        index = this.#passOver(chunk, index);
        continue;
      }
      const byte = chunk[index] as number;
      if (byte === quote) {
        this.#refuseAfterEnd(index);
        this.#inText = true;
        this.#isStreamed = !this.#isKeyDue && this.#visitor.streams?.(this.#path) === true;
      } else if (!isSpace(byte)) {
        this.#structure(byte, index);
      } else {
        this.#endLiteral();
      }
      index += 1;
    }
    this.#position += chunk.length;
  }

  /** To the end of what is passed over, or of the chunk. Most of a long text goes this way. */
  #passOver(chunk: Uint8Array, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === quote) {
        const end = closingQuote(chunk, index + 1);
        if (end < 0) {
          this.#inText = true;
          return this.#textUntil(chunk, index + 1);
        }
        index = end;
      } else if (byte === openBrace || byte === openBracket) {
        this.#push(byte);
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#close(byte, index);
        if (this.#passOverDepth === 0) return index + 1;
      }
    }
    return chunk.length;
  }

  #structure(byte: number, index: number): void {
    this.#refuseAfterEnd(index);
    switch (byte) {
      case openBrace:
      case openBracket:
        this.#open(byte, index);
        return;
      case closeBrace:
      case closeBracket:
        this.#endLiteral();
        this.#close(byte, index);
        return;
      case comma:
        this.#endLiteral();
        this.#next();
        return;
      case colon:
        this.#isKeyDue = false;
        return;
      default:
        this.#literal += String.fromCharCode(byte);
        if (this.#literal.length > 400) throw this.#broken(index);
    }
  }

  #open(byte: number, index: number): void {
    const isList = byte === openBracket;
    const isSeen = this.#visitor.enter(this.#path, isList, this.#position + index);
    this.#push(byte);
    if (isSeen) {
      this.#path.push(isList ? 0 : '');
      this.#isKeyDue = !isList;
    } else {
      this.#passOverDepth = this.#closers.length;
      this.#isRest = false;
    }
  }

  #push(byte: number): void {
    this.#closers.push(byte === openBracket ? closeBracket : closeBrace);
    if (this.#closers.length > maxDepth) {
      throw new SyntaxError(`JSON nested deeper than ${maxDepth}`);
    }
  }

  #close(byte: number, index: number): void {
    if (this.#closers.pop() !== byte) throw this.#broken(index);
    const isSeen = this.#passOverDepth === 0;
    if (!isSeen && this.#closers.length >= this.#passOverDepth) return;
    this.#passOverDepth = 0;
    if (isSeen || this.#isRest) {
      this.#path.pop();
      this.#visitor.leave?.(this.#path, this.#position + index);
    }
    this.#isKeyDue = false;
    this.#isDone = this.#closers.length === 0;
  }

  #next(): void {
    const last = this.#path.length - 1;
    const step = this.#path[last];
    if (typeof step === 'number') this.#path[last] = step + 1;
    else this.#isKeyDue = true;
  }

  /** Consumes a text up to its closing quote, or to the chunk's end. */
  #textUntil(chunk: Uint8Array, from: number): number {
    const end = closingQuote(chunk, this.#isEscaped ? from + 1 : from);
    if (end >= 0) {
      this.#isEscaped = false;
      this.#endText(chunk, from, end);
      return end + 1;
    }
    this.#isEscaped = isEscapedAt(chunk, this.#isEscaped ? from + 1 : from, chunk.length);
    this.#keep(chunk, from, chunk.length);
    return chunk.length;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    if (this.#isStreamed) {
      this.#visitor.piece?.(chunk.subarray(from, to), false);
      return;
    }
    if (this.#passOverDepth !== 0 || this.#textBytes >= maxTextBytes) return;
    this.#text.push(Buffer.from(chunk.subarray(from, to)));
    this.#textBytes += to - from;
  }

  #endText(chunk: Uint8Array, from: number, to: number): void {
    this.#inText = false;
    if (this.#isStreamed) {
      this.#isStreamed = false;
      this.#visitor.piece?.(chunk.subarray(from, to), true);
      return;
    }
    if (this.#passOverDepth !== 0) return;
    // Most texts lie in one chunk: those are decoded where they are.
    const isWhole = this.#textBytes === 0;
    if (!isWhole) this.#keep(chunk, from, to);
    const raw = isWhole
      ? Buffer.from(chunk.buffer, chunk.byteOffset + from, Math.min(to - from, maxRawBytes))
      : Buffer.concat(this.#text);
    const text = decoded(raw);
    this.#text = [];
    this.#textBytes = 0;
    if (this.#isKeyDue) this.#path[this.#path.length - 1] = text;
    else this.#tell(text);
  }

  #tell(value: string | number | boolean | null): void {
    if (this.#visitor.value(this.#path, value) !== 'pass over') return;
    this.#passOverDepth = this.#closers.length;
    this.#isRest = true;
  }

  #endLiteral(): void {
    if (this.#literal === '') return;
    const literal = this.#literal;
    this.#literal = '';
    this.#tell(this.#parsed(literal));
  }

  #parsed(literal: string): number | boolean | null {
    try {
      return JSON.parse(literal) as number | boolean | null;
    } catch {
      throw new SyntaxError(`broken JSON before byte ${this.#position}`);
    }
  }

  #refuseAfterEnd(index: number): void {
    if (this.#isDone) throw this.#broken(index);
  }

  #broken(index: number): SyntaxError {
    return new SyntaxError(`broken JSON at byte ${this.#position + index}`);
  }
}

/** Where a text that was begun ends; -1 where that isn't in this chunk. */
function closingQuote(chunk: Uint8Array, from: number): number {
  // The engine's own search goes through texts several times as fast as a loop.
  let end = chunk.indexOf(quote, from);
  while (end > from && chunk[end - 1] === backslash && isEscapedAt(chunk, from, end)) {
    end = chunk.indexOf(quote, end + 1);
  }
  return end;
}

/** True behind an odd number of backslashes. */
function isEscapedAt(chunk: Uint8Array, from: number, at: number): boolean {
  let start = at;
  while (start > from && chunk[start - 1] === backslash) start -= 1;
  return (at - start) % 2 === 1;
}

function decoded(raw: Buffer): string {
  const text = raw.toString('utf8');
  if (!text.includes('\\')) return text.slice(0, maxTextBytes);
  try {
    return (JSON.parse(`"${text}"`) as string).slice(0, maxTextBytes);
  } catch {
    // Cut through an escape, or control characters as they are: good enough for a message.
    return text.slice(0, maxTextBytes);
  }
}
