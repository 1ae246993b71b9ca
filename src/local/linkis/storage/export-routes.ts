import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import type { ResultRow } from '../engine/sql-engine';
import type { SecuredRoute } from '../gateway';
import { numberOf, textOf } from '../parameters';
import { csvLine, type CsvStyle } from './csv-export';
import { isResultFile } from './open-file';
import { ResultFile } from './result-file';
import type { VirtualFiles } from './virtual-files';
import { xlsxStream, type Sheet } from './xlsx-export';

/** Where an export stops silently unless `limit` says otherwise. */
const silentLimit = 5000;

/** Result sets as files. Every error is HTTP 200 with a text that begins `error(错误):`. */
export function exportRoutes(
  files: VirtualFiles,
  { resultSetColumnLimit }: LinkisBehaviour,
): SecuredRoute[] {
  return [
    {
      method: 'GET',
      path: '/filesystem/resultsetToExcel',
      endpoint: 'resultsetToExcel',
      answer: (request) => resultsetToExcel(request).catch(errorText),
    },
    {
      method: 'GET',
      path: '/filesystem/resultsetsToExcel',
      endpoint: 'resultsetsToExcel',
      answer: (request) => resultsetsToExcel(request).catch(errorText),
    },
  ];

  async function resultsetToExcel(request: LocalRequest): Promise<LocalReply> {
    const kind = textOf(request, 'outputFileType') ?? 'csv';
    if (kind !== 'csv' && kind !== 'xlsx') throw new Error('java.lang.NullPointerException');
    const file = await openResult(textOf(request, 'path') ?? '');
    const stream =
      kind === 'csv'
        ? Readable.from(csvOf(file, request))
        : xlsxStream([sheetOf(file, textOf(request, 'sheetName') ?? 'result', request)]);
    return attachment(request, kind, stream);
  }

  async function resultsetsToExcel(request: LocalRequest): Promise<LocalReply> {
    const folder = textOf(request, 'path') ?? '';
    const names = (await readdir(files.onDisk(folder)).catch(() => [])).filter(isResultFile);
    names.sort((a, b) => Number(a.slice(1, -8)) - Number(b.slice(1, -8)));
    const opened = await Promise.all(names.map((name) => openResult(`${folder}/${name}`)));
    const tables = opened.filter((file) => file.header.type === '2');
    if (tables.length === 0) return brokenOff('There are no result sets in the folder');
    const sheets = tables.map((file, index) => sheetOf(file, `result${index}`, request));
    return attachment(request, 'xlsx', xlsxStream(sheets));
  }

  async function openResult(shown: string): Promise<ResultFile> {
    try {
      return await ResultFile.open(files.onDisk(shown), resultSetColumnLimit);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new Error(`The file ${shown} does not exist or can't be read`);
    }
  }
}

function attachment(request: LocalRequest, kind: 'csv' | 'xlsx', stream: Readable): LocalReply {
  const name = path.basename(textOf(request, 'outputFileName') || 'downloadResultset');
  return {
    stream,
    contentType:
      kind === 'csv'
        ? 'text/csv;charset=utf-8'
        : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;charset=utf-8',
    headers: {
      'content-disposition': `attachment;filename="${encodeURIComponent(name)}.${kind}"`,
    },
  };
}

function errorText(error: unknown): LocalReply {
  return { text: `error(错误):${(error as Error).message}` };
}

/** The real server drops the connection after these words. */
function brokenOff(words: string): LocalReply {
  async function* text() {
    yield `error(错误):${words}`;
    await new Promise((done) => setTimeout(done, 20)); // so that the words are out first
    throw new Error(words);
  }
  return { stream: Readable.from(text()), contentType: 'text/plain; charset=utf-8' };
}

function limitIn(request: LocalRequest): number {
  const limit = numberOf(request, 'limit') ?? 0;
  return limit > 0 ? limit : silentLimit;
}

async function* csvOf(file: ResultFile, request: LocalRequest): AsyncGenerator<string> {
  const style: CsvStyle = {
    separator: textOf(request, 'csvSeparator') ?? textOf(request, 'csvSeperator') ?? ',',
    quotes: textOf(request, 'quoteRetouchEnable') === 'true',
    keepNewlines: textOf(request, 'keepNewline') === 'true',
    nullValue: textOf(request, 'nullValue') ?? 'NULL',
  };
  const isTable = file.header.type === '2';
  if (isTable) yield csvLine(headerRow(file), style);
  for await (const page of file.pages(limitIn(request))) {
    // The lines of a text result run into each other.
    yield page.map((row) => (isTable ? csvLine(row, style) : (row[0] ?? ''))).join('');
  }
}

function sheetOf(file: ResultFile, name: string, request: LocalRequest): Sheet {
  const nullValue = textOf(request, 'nullValue') ?? 'NULL';
  const numericTypes = ['tinyint', 'short', 'int', 'long', 'float', 'double', 'decimal'];
  const isTyped = textOf(request, 'autoFormat') === 'true';
  const numeric = [...file.header.columns.entries()]
    .filter(([, { type }]) => isTyped && numericTypes.includes(type))
    .map(([column]) => column);
  return {
    name: name.replace(/[[\]:*?/\\]/g, '_').slice(0, 31),
    numericColumns: new Set(numeric),
    pages: pages(),
  };

  async function* pages(): AsyncGenerator<readonly ResultRow[]> {
    if (file.header.type === '2') yield [headerRow(file)];
    for await (const page of file.pages(limitIn(request))) {
      yield page.map((row) => row.map((value) => value ?? nullValue));
    }
  }
}

function headerRow(file: ResultFile): ResultRow {
  return file.header.columns.map(({ name }) => name);
}
