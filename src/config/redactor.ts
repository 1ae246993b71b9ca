import { redact } from '../clients/http/redaction';

/** Shorter values would redact half of every text; nobody's secret should be so short. */
const shortest = 4;
/** The on-premise SQLFlow's anonymous token is this word; hiding it would spoil every message. */
const publicToken = 'token';
/** Shorter pieces of base64 stand in other texts by chance. */
const shortestBase64 = 8;

/** Shorter lines of a secret stand in other texts by chance. */
const shortestLine = 8;

/** Takes known secrets out of texts: as they are, and as URLs, forms, JSON, HTML and base64 spell them. */
export class Redactor {
  readonly #values = new Set<string>();
  readonly #base64 = new Set<string>();
  #mostLines = 1;

  /** Of the values that are known. */
  get mostLines(): number {
    return this.#mostLines;
  }

  remember(value: string): void {
    if (value.length < shortest || value === publicToken || this.#values.has(value)) return;
    this.#values.add(value);
    const lines = value.split('\n');
    this.#mostLines = Math.max(this.#mostLines, lines.length);
    // A live log comes in pages, which may end in the middle of a key.
    for (const line of lines.length > 1 ? lines.map((each) => each.trim()) : []) {
      if (line.length >= shortestLine) this.#values.add(line);
    }
    for (const spelling of base64Spellings(value)) this.#base64.add(spelling);
  }

  redact(text: string): string {
    return redact(text, [...this.#values, ...this.#base64]);
  }
}

/**
 * What a value looks like inside base64, wherever it begins in the encoded text (`user:password` is
 * encoded as a whole): the characters that the value alone determines, for each of the three
 * positions it can have in a group of three bytes.
 */
function base64Spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const certain = encoded.slice(from, to);
    if (certain.length < shortestBase64) return [];
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
