import type { ExportCheck, LineageCsvReport } from './lineage-report';
import { incompleteExport, looksLike, notTheFormat } from './export-problem';

const maxHeaderLength = 64 * 1024;

/** A CSV lineage: a header that names sources and targets, and no quote left open at the end. */
export class CsvExportCheck implements ExportCheck<LineageCsvReport> {
  readonly #endpoint: string;
  readonly #delimiter: string;
  readonly #decoder = new TextDecoder();
  #header = '';
  #columns: readonly string[] | undefined;
  #isQuoted = false;
  #isLineEmpty = true;
  #rows = 0;
  /** Delimiters in this line, and the fewest in any line before it. */
  #delimiters = 0;
  #fewestDelimiters = Infinity;

  constructor(endpoint: string, delimiter: string | undefined) {
    this.#endpoint = endpoint;
    this.#delimiter = delimiter ?? ',';
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  finish(): LineageCsvReport {
    this.#take(this.#decoder.decode());
    if (this.#isQuoted && this.#columns !== undefined) {
      throw incompleteExport('Truncated', this.#endpoint, 'CSV that ends inside a quoted value');
    }
    if (this.#columns === undefined) this.#endHeader();
    else if (!this.#isLineEmpty) {
      // A value may hold a delimiter unquoted, so a row may well have more than its header.
      if (this.#delimiters < this.#fewestDelimiters) {
        throw incompleteExport('Truncated', this.#endpoint, 'CSV that ends in the middle of a row');
      }
      this.#rows += 1;
    }
    return { format: 'csv', columns: this.#columns ?? [], rows: this.#rows };
  }

  #take(text: string): void {
    for (const char of text) {
      if (char === '"') this.#isQuoted = !this.#isQuoted;
      if (char === this.#delimiter && !this.#isQuoted) this.#delimiters += 1;
      if (char === '\n' && !this.#isQuoted) this.#endLine();
      else if (this.#columns === undefined) this.#lengthenHeader(char);
      else if (char !== '\r') this.#isLineEmpty = false;
    }
  }

  #endLine(): void {
    if (this.#columns === undefined) this.#endHeader();
    else if (!this.#isLineEmpty) this.#rows += 1;
    // The header's count, and that of rows whose last values are left out.
    if (this.#rows === 0 || !this.#isLineEmpty) {
      this.#fewestDelimiters = Math.min(this.#fewestDelimiters, this.#delimiters);
    }
    this.#delimiters = 0;
    this.#isLineEmpty = true;
  }

  #lengthenHeader(char: string): void {
    this.#header += char;
    if (this.#header.length > maxHeaderLength) throw this.#notCsv();
  }

  #endHeader(): void {
    const columns = this.#header
      .replace(/\r$/, '')
      .split(this.#delimiter)
      .map((name) => name.trim().replace(/^"(.*)"$/s, '$1'));
    const hasOne = (word: string) => columns.some((name) => name.toLowerCase().startsWith(word));
    if (!looksLike.csv(this.#header) || !hasOne('source') || !hasOne('target'))
      throw this.#notCsv();
    this.#columns = columns;
  }

  #notCsv() {
    return notTheFormat('csv', this.#endpoint, this.#header);
  }
}
