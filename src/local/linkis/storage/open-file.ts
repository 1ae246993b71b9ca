import path from 'node:path';
import { Readable } from 'node:stream';
import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import type { ResultRow } from '../engine/sql-engine';
import { LinkisError, success } from '../envelope';
import { numberOf, textOf } from '../parameters';
import { ResultFile, ResultFileError } from './result-file';
import { linesOf } from './text-lines';
import { missing, pathIn, type VirtualFiles } from './virtual-files';

const method = '/api/filesystem/openFile';
/** From so many columns on a reply says that it is for looking at only, though all may be there. */
const previewColumns = 500;
const mostColumnsOfPage = 500;

interface Asked {
  readonly page: number;
  readonly pageSize: number;
  readonly nullValue: string;
  /** Undefined without `enableLimit=true`. */
  readonly columns?: { readonly from: number; readonly to: number; readonly isPaged: boolean };
}

/** One page of a result set, or of a text file. @throws LinkisError */
export async function openFile(
  request: LocalRequest,
  files: VirtualFiles,
  behaviour: LinkisBehaviour,
): Promise<LocalReply> {
  const shown = pathIn(request);
  const asked = askedIn(request);
  if (!isResultFile(path.posix.basename(shown))) return textPage(shown, files, asked);
  const most = behaviour.resultSetRowLimit;
  if (asked.pageSize > most) {
    throw new LinkisError(
      80034,
      `The result set exceeds ${most} rows and page viewing is currently not supported`,
    );
  }
  const file = await openResult(shown, files, behaviour);
  const refused = tooWide(file, asked, behaviour);
  if (refused !== undefined) return success(method, refused);
  const bytes = await file.page((asked.page - 1) * asked.pageSize, asked.pageSize);
  const changed = needsReading(bytes, asked, behaviour)
    ? readPage(JSON.parse(`[${bytes.toString('utf8')}]`) as ResultRow[], file, asked, behaviour)
    : bytes;
  if (!Buffer.isBuffer(changed)) return success(method, changed);
  return pageReply(changed, file, asked);
}

/** `_0.dolphin` */
export function isResultFile(name: string): boolean {
  return /^_\d+\.dolphin$/.test(name);
}

function askedIn(request: LocalRequest): Asked {
  const isLimited = textOf(request, 'enableLimit') === 'true';
  const number = Math.max(1, numberOf(request, 'columnPage') ?? 1);
  const size = Math.max(1, numberOf(request, 'columnPageSize') ?? previewColumns);
  // Looked at before anything else, and without enableLimit, too.
  if (size > mostColumnsOfPage) {
    throw new LinkisError(
      80036,
      `Parameter error, page size is incorrect, please pass in a number within [1-${mostColumnsOfPage}]`,
    );
  }
  const isPaged = textOf(request, 'columnPage') !== undefined;
  return {
    page: Math.max(1, numberOf(request, 'page') ?? 1),
    pageSize: Math.max(1, numberOf(request, 'pageSize') ?? 5000),
    nullValue: textOf(request, 'nullValue') ?? 'NULL',
    ...(isLimited && { columns: { from: (number - 1) * size, to: number * size, isPaged } }),
  };
}

function tooWide({ header }: ResultFile, { columns }: Asked, behaviour: LinkisBehaviour) {
  if (header.type === '1' || (columns === undefined && !behaviour.withholdsAlways))
    return undefined;
  const count = header.columns.length;
  if (columns !== undefined && columns.from >= Math.max(1, count)) {
    throw new LinkisError(
      80036,
      `The column page begins after ${columns.from} columns, and the result set has ${count}`,
    );
  }
  const most = behaviour.displayLimitColumns;
  if (count <= most || columns?.isPaged === true) return undefined;
  return prohibited(`结果集列数超过${most}`, `The result set has more than ${most} columns`);
}

/**
 * Whether the page differs from what lies in the file. Most pages don't, and are sent as they lie
 * there, which is many times as fast.
 */
function needsReading(bytes: Buffer, { nullValue, columns }: Asked, behaviour: LinkisBehaviour) {
  if (columns !== undefined) return true;
  const keepsNull = behaviour.linkisNull && nullValue === 'LINKIS_NULL';
  return bytes.includes(keepsNull ? '"LINKIS_NULL"' : 'null');
}

function readPage(
  rows: readonly ResultRow[],
  { header }: ResultFile,
  { nullValue, columns }: Asked,
  behaviour: LinkisBehaviour,
) {
  const most = behaviour.displayLimitCharacters;
  const isTooLong = (cell: string | null) => (cell?.length ?? 0) > most;
  const tooLong = columns && rows.find((row) => row.some(isTooLong))?.findIndex(isTooLong);
  if (tooLong !== undefined) {
    const name = header.columns[tooLong]?.name ?? 'text';
    return prohibited(
      `结果集字段${name}字符数超过${most}`,
      `The field ${name} of the result set has more than ${most} characters`,
    );
  }
  const shown = columns ? rows.map((row) => row.slice(columns.from, columns.to)) : rows;
  const keepsNull = behaviour.linkisNull && nullValue === 'LINKIS_NULL';
  // A cell that holds the text LINKIS_NULL is lost.
  const [seen, becomes] = keepsNull ? ['LINKIS_NULL', null] : [null, nullValue];
  const text = JSON.stringify(
    shown.map((row) =>
      row.includes(seen) ? row.map((cell) => (cell === seen ? becomes : cell)) : row,
    ),
  );
  return Buffer.from(text.slice(1, -1));
}

function pageReply(rows: Buffer, file: ResultFile, asked: Asked): LocalReply {
  const { header } = file;
  const { from = 0, to = Infinity } = asked.columns ?? {};
  const count = header.columns.length;
  const before = (asked.page - 1) * asked.pageSize;
  const data = {
    metadata:
      header.type === '1'
        ? 'NULL'
        : header.columns
            .map(({ name, type }) => ({ columnName: name, comment: 'NULL', dataType: type }))
            .slice(from, to),
    ...(asked.columns && header.type === '2' && { totalColumn: count }),
    ...(count > previewColumns && {
      column_limit_display: true,
      zh_msg: `全量结果集超过${previewColumns}列，页面提供${previewColumns}列数据预览，如需查看完整结果集，请使用结果集导出功能`,
      en_msg: `The result set has more than ${previewColumns} columns; export it to have all of them`,
    }),
    type: header.type,
    totalPage: 0,
    totalLine: Math.max(0, Math.min(asked.pageSize, file.rowCount - before)),
    page: asked.page,
    fileContent: [],
  };
  const around = JSON.stringify(success(method, data).json);
  const split = around.lastIndexOf('[]') + 1;
  const parts = [Buffer.from(around.slice(0, split)), rows, Buffer.from(around.slice(split))];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return {
    stream: Readable.from(parts),
    contentType: 'application/json',
    headers: { 'content-length': String(length) },
  };
}

async function textPage(
  shown: string,
  files: VirtualFiles,
  { page, pageSize }: Asked,
): Promise<LocalReply> {
  const [from, to] = [(page - 1) * pageSize, page * pageSize];
  const fileContent: [string][] = [];
  let seen = 0;
  await files.check(shown);
  for await (const lines of linesOf(files.onDisk(shown))) {
    const wanted = lines.slice(Math.max(0, from - seen), Math.max(0, to - seen));
    for (const line of wanted) fileContent.push([line]);
    seen += lines.length;
    if (seen >= to) break;
  }
  const totalLine = fileContent.length;
  const type = 'script/text';
  return success(method, { metadata: {}, fileContent, type, totalPage: 0, totalLine, page });
}

async function openResult(
  shown: string,
  files: VirtualFiles,
  { resultSetColumnLimit }: LinkisBehaviour,
): Promise<ResultFile> {
  try {
    return await ResultFile.open(files.onDisk(shown), resultSetColumnLimit);
  } catch (error) {
    if (error instanceof ResultFileError) throw new LinkisError(65000, error.message);
    throw missing(shown);
  }
}

/** HTTP 200 and status 0, but nothing of the content. */
function prohibited(zh: string, en: string) {
  return {
    display_prohibited: true,
    zh_msg: `${zh}，不支持查看，请下载后查看`,
    en_msg: `${en} and can't be viewed; download it instead`,
  };
}
