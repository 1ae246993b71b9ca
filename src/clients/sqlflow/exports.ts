import { Readable } from 'node:stream';
import type { LineageFormat, SqlFlowLineageSettings } from '../../contracts/sqlflow';
import type { StreamResponse, TextResponse } from '../http/transport';
import { isBusy, readEnvelope } from './envelope';
import { looksLike, notTheFormat } from './export-problem';

/** What an export shows, and of what. What is left out isn't sent; the defaults are the server's. */
export interface SqlFlowExportSettings extends SqlFlowLineageSettings {
  readonly database?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly simpleOutput?: boolean;
  /** Table-level lineage in place of column-level. @default false, by the server */
  readonly tableToTable?: boolean;
  /** @default true, by the server */
  readonly showLinkOnly?: boolean;
}

/** An export as it comes, its beginning looked at. */
export interface ExportStream {
  readonly format: LineageFormat;
  readonly jobId: string;
  /** CSV only, where another than `,` was asked for. */
  readonly delimiter?: string;
  /** As errors name it. */
  readonly endpoint: string;
  /** The service's bytes. Only the beginning has been looked at: read them through `checkedExport`. */
  readonly body: Readable;
}

/** An error in place of an export is far shorter. */
const peekBytes = 64 * 1024;

/**
 * Looks at an export's beginning, since SQLFlow says no to an export with HTTP 200, a JSON error
 * and a Content-Type that tells nothing.
 *
 * @throws HttpError or VendorError for the service's no, IncompleteError (`SqlFlow.NotTheFormat`)
 */
export async function openExport(
  response: StreamResponse,
  asked: { readonly format: LineageFormat; readonly jobId: string; readonly delimiter?: string },
  secrets: readonly string[],
): Promise<ExportStream> {
  const { body, ...answer } = response;
  const { head, isWhole } = await peek(body);
  try {
    const text = new TextDecoder().decode(head);
    refuseError({ ...answer, text }, asked.format, isWhole, secrets);
  } catch (error) {
    body.destroy();
    throw error;
  }
  const described = { ...asked, endpoint: answer.endpoint };
  if (isWhole) return { ...described, body: Readable.from([head], { objectMode: false }) };
  body.unshift(head);
  return { ...described, body };
}

function refuseError(
  answer: TextResponse,
  format: LineageFormat,
  isWhole: boolean,
  secrets: readonly string[],
): void {
  const isFine = answer.status >= 200 && answer.status < 300;
  const mayBeEnvelope = isWhole && (looksLike.json(answer.text) || isBusy(answer.text));
  // What is cut off is told as such by the check of the export, not as an answer that can't be read.
  const isCutOff = () =>
    isFine && format === 'json' && looksLike.json(answer.text) && !isJson(answer.text);
  if (!isFine || (mayBeEnvelope && !isCutOff())) readEnvelope(answer, secrets);
  if (!looksLike[format](answer.text)) throw notTheFormat(format, answer.endpoint, answer.text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function peek(body: Readable): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes >= peekBytes) return { head: Buffer.concat(chunks), isWhole: false };
  }
  return { head: Buffer.concat(chunks), isWhole: true };
}
