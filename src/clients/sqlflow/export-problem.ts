import { IncompleteError } from '../http/errors';
import type { LineageFormat } from '../../contracts/sqlflow';

/**
 * - `NotTheFormat`: something else than what was asked for. - `Truncated`: it ends too early.
 * - `SummaryOnly`: counts, no lineage. - `NoLineage`: no model inside.
 */
export type ExportProblem = 'NotTheFormat' | 'Truncated' | 'SummaryOnly' | 'NoLineage';

export function incompleteExport(
  problem: ExportProblem,
  endpoint: string,
  found: string,
): IncompleteError {
  return new IncompleteError(`SqlFlow.${problem}`, `${endpoint} answered ${found}`, endpoint);
}

export function notTheFormat(format: LineageFormat, endpoint: string, text: string) {
  const found = `${beginning(text)}, where ${due[format]} is due`;
  return incompleteExport('NotTheFormat', endpoint, found);
}

const due: Readonly<Record<LineageFormat, string>> = {
  json: 'JSON',
  csv: 'CSV with a header of sources and targets',
  graphml: 'GraphML',
};

const graphmlRoot =
  /^\s*(?:(?:<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>]*>)\s*)*<(?:[\w.-]+:)?graphml[\s/>]/i;

/** By the beginning alone. */
export const looksLike: Readonly<Record<LineageFormat, (text: string) => boolean>> = {
  json: (text) => text.trimStart().startsWith('{'),
  csv: (text) => /^\s*[^\s{[<]/.test(text),
  graphml: (text) => graphmlRoot.test(text),
};

/** What a text begins with, in words. */
function beginning(text: string): string {
  const start = text.trimStart();
  if (start === '') return 'nothing';
  if (start.startsWith('{') || start.startsWith('[')) return 'JSON';
  if (/^<(!doctype\s+html|html)/i.test(start)) return 'an HTML page';
  return start.startsWith('<') ? 'XML of another kind' : 'plain text';
}
