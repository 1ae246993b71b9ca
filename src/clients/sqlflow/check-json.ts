import { WireError } from '../http/errors';
import { clip } from '../http/service-words';
import { codeOf, isGranted, limited, refusal } from './envelope';
import type { ExportCheck, LineageJsonReport } from './lineage-report';
import { incompleteExport, looksLike, notTheFormat } from './export-problem';
import { JsonScanner, type JsonPath, type JsonVisitor } from '../json-scanner';

/** Many times what a report shows, so that "and N more" stays honest for all but monsters. */
const maxModelErrors = 1000;

/**
 * A JSON lineage: granted, of the right job, with a model that isn't a mere summary. The model
 * stands under `data.sqlflow` or straight under `data`, as `relationships` or `relations`.
 */
export class JsonExportCheck implements ExportCheck<LineageJsonReport> {
  readonly #endpoint: string;
  readonly #jobId: string | undefined;
  readonly #model = new LineageModel();
  readonly #decoder = new TextDecoder();
  readonly #scanner = new JsonScanner(this.#model);
  /** The first bytes, until something other than space has come. */
  #beginning: string | undefined = '';

  constructor(endpoint: string, jobId: string | undefined) {
    this.#endpoint = endpoint;
    this.#jobId = jobId;
  }

  push(chunk: Uint8Array): void {
    if (this.#beginning !== undefined) {
      this.#beginning += this.#decoder.decode(chunk.subarray(0, 1024), { stream: true });
      if (this.#beginning.trim() !== '') {
        if (!looksLike.json(this.#beginning)) {
          throw notTheFormat('json', this.#endpoint, this.#beginning);
        }
        this.#beginning = undefined;
      }
    }
    try {
      this.#scanner.push(chunk);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw incompleteExport('NotTheFormat', this.#endpoint, error.message);
    }
  }

  finish(): LineageJsonReport {
    if (this.#beginning !== undefined) throw notTheFormat('json', this.#endpoint, '');
    if (!this.#scanner.isComplete) {
      throw incompleteExport('Truncated', this.#endpoint, 'JSON that ends too early');
    }
    return this.#model.report(this.#endpoint, this.#jobId);
  }
}

/** Picks the few values that tell whether the lineage is whole. */
class LineageModel implements JsonVisitor {
  #code: unknown;
  #jobId: unknown;
  #mode: string | undefined;
  #hasModel = false;
  #relationships = 0;
  readonly #words: string[] = [];
  readonly #modelErrors: string[] = [];

  enter(path: JsonPath): boolean {
    if (path.length === 0 || isAt(path, 'data') || isAt(path, 'data', 'sqlflow')) return true;
    if (isAt(path, 'error')) return true;
    const [key, index, field] = insideModel(path);
    if (key === 'relationships' || key === 'relations') {
      this.#hasModel = true;
      if (index !== undefined) this.#relationships += 1;
      return index === undefined;
    }
    if (key === 'dbobjs') this.#hasModel = true;
    return key === 'errors' && field === undefined;
  }

  value(path: JsonPath, value: string | number | boolean | null): void {
    if (isAt(path, 'code')) this.#code = value;
    else if (isAt(path, 'jobId')) this.#jobId = value;
    else if (isAt(path, 'data', 'mode') && typeof value === 'string') this.#mode = value;
    else if (typeof value === 'string' && value.trim() !== '') this.#message(path, value);
  }

  #message(path: JsonPath, value: string): void {
    if (path[0] === 'error' || isAt(path, 'message')) {
      if (this.#words.length < 50) this.#words.push(value);
      return;
    }
    const [key, index, field] = insideModel(path);
    if (key !== 'errors' || index === undefined) return;
    const isMessage = field === undefined || field === 'errorMessage';
    if (isMessage && this.#modelErrors.length < maxModelErrors) this.#modelErrors.push(clip(value));
  }

  report(endpoint: string, jobId: string | undefined): LineageJsonReport {
    const code = codeOf(this.#code);
    if (code === undefined) {
      const found = this.#code === undefined ? 'missing' : 'something else';
      throw new WireError({ endpoint, field: 'code', expected: 'a number', found });
    }
    if (!isGranted(code)) throw refusal({ endpoint, httpStatus: 200, code, words: this.#words });
    const isOther =
      typeof this.#jobId === 'string' && this.#jobId.toLowerCase() !== jobId?.toLowerCase();
    // What a server does with an id that it doesn't know may be what it does with a blank one.
    if (jobId !== undefined && isOther) {
      throw new WireError({ endpoint, field: 'jobId', expected: jobId, found: 'another job' });
    }
    if (this.#mode?.toLowerCase() === 'summary') {
      throw incompleteExport('SummaryOnly', endpoint, 'a summary (mode: summary) without lineage');
    }
    if (!this.#hasModel) throw incompleteExport('NoLineage', endpoint, 'JSON without lineage');
    return {
      format: 'json',
      ...(this.#mode === undefined ? {} : { mode: this.#mode }),
      relationships: this.#relationships,
      modelErrors: limited(this.#modelErrors),
    };
  }
}

function isAt(path: JsonPath, ...keys: string[]): boolean {
  return path.length === keys.length && keys.every((key, index) => path[index] === key);
}

/** The path from the model on; empty outside of it. */
function insideModel(path: JsonPath): JsonPath {
  if (path[0] !== 'data') return [];
  return path.slice(path[1] === 'sqlflow' ? 2 : 1);
}
