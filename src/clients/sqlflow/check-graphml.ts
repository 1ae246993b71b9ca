import type { ExportCheck, LineageGraphmlReport } from './lineage-report';
import { incompleteExport, looksLike, notTheFormat } from './export-problem';

const headBytes = 64 * 1024;
const tailBytes = 1024;
const endOfRoot = /(?:<\/(?:[\w.-]+:)?graphml\s*>|<(?:[\w.-]+:)?graphml[^<>]*\/>)\s*$/i;

/** A GraphML lineage: the root element at the beginning, its end at the end. */
export class GraphmlExportCheck implements ExportCheck<LineageGraphmlReport> {
  readonly #endpoint: string;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  push(chunk: Uint8Array): void {
    if (this.#head.length < headBytes) this.#head = Buffer.concat([this.#head, chunk]);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
  }

  finish(): LineageGraphmlReport {
    const head = new TextDecoder().decode(this.#head);
    if (!looksLike.graphml(head)) throw notTheFormat('graphml', this.#endpoint, head);
    if (!endOfRoot.test(this.#tail.toString('utf8'))) {
      throw incompleteExport('Truncated', this.#endpoint, 'GraphML that ends before </graphml>');
    }
    return { format: 'graphml' };
  }
}
