import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';

/** A field; null where nothing stood between the separators, not even quotes. */
export type CsvField = string | null;

/**
 * The first records of a CSV artifact (RFC 4180), the header among them, without reading the rest.
 *
 * @param separator one character
 */
export async function readCsvHead(
  store: ArtifactStore,
  ref: ArtifactRef,
  records: number,
  signal: AbortSignal,
  separator = ',',
): Promise<CsvField[][]> {
  const parser = new CsvHead(records, separator);
  const body = await store.open(ref.uri, signal);
  body.setEncoding('utf8');
  try {
    for await (const chunk of body as AsyncIterable<string>) if (parser.take(chunk)) break;
  } finally {
    body.destroy();
  }
  return parser.end();
}

class CsvHead {
  private readonly found: CsvField[][] = [];
  private record: CsvField[] = [];
  private field = '';
  private quoted = false;
  private wasQuoted = false;
  /** A quote inside quotes: an end, or the first half of a doubled one. */
  private halfQuote = false;

  constructor(
    private readonly limit: number,
    private readonly separator: string,
  ) {}

  /** True when enough has been seen. */
  take(text: string): boolean {
    for (const character of text) {
      if (this.found.length >= this.limit) return true;
      this.step(character);
    }
    return this.found.length >= this.limit;
  }

  end(): CsvField[][] {
    if (this.found.length < this.limit && (this.field !== '' || this.record.length > 0)) {
      this.endRecord();
    }
    return this.found;
  }

  private step(character: string): void {
    if (this.quoted && !this.halfQuote) {
      if (character === '"') this.halfQuote = true;
      else this.field += character;
      return;
    }
    if (character === '"') {
      if (this.halfQuote) this.field += '"';
      this.quoted = true;
      this.wasQuoted = true;
      this.halfQuote = false;
      return;
    }
    this.quoted = false;
    this.halfQuote = false;
    if (character === this.separator) this.endField();
    else if (character === '\n') this.endRecord();
    else if (character !== '\r') this.field += character;
  }

  private endField(): void {
    this.record.push(this.field === '' && !this.wasQuoted ? null : this.field);
    this.field = '';
    this.wasQuoted = false;
  }

  private endRecord(): void {
    this.endField();
    this.found.push(this.record);
    this.record = [];
  }
}
