import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import type { ResultRow } from '../engine/sql-engine';
import { fourParts } from '../entrance/log-lines';
import { LinkisError, success } from '../envelope';
import type { SecuredRoute } from '../gateway';
import { numberOf, textOf } from '../parameters';
import { ResultFile, ResultFileError } from './result-file';
import type { VirtualFiles } from './virtual-files';

const mostRows = 100_000;

/** Folders, pages of result sets, and logs. */
export function storageRoutes(files: VirtualFiles, behaviour: LinkisBehaviour): SecuredRoute[] {
  return [
    {
      method: 'GET',
      path: '/filesystem/getDirFileTrees',
      endpoint: 'getDirFileTrees',
      answer: getDirFileTrees,
    },
    { method: 'GET', path: '/filesystem/openFile', endpoint: 'openFile', answer: openFile },
    { method: 'GET', path: '/filesystem/openLog', endpoint: 'openLog', answer: openLog },
  ];

  async function getDirFileTrees(request: LocalRequest): Promise<LocalReply> {
    const folder = files.shown(pathIn(request));
    const names = await readdir(files.onDisk(folder)).catch(() => undefined);
    const method = '/api/filesystem/getDirFileTrees';
    if (names === undefined) return success(method, { dirFileTrees: null });
    // In an order that nobody should rely on: _9, _10, _1, _0.
    const shown = names
      .filter((name) => !name.startsWith('.'))
      .sort()
      .reverse();
    return success(method, {
      dirFileTrees: {
        name: path.posix.basename(folder),
        path: folder,
        properties: null,
        children: await Promise.all(shown.map((name) => leaf(folder, name))),
        isLeaf: false,
        parentPath: null,
      },
    });
  }

  async function leaf(folder: string, name: string) {
    const { size, mtimeMs } = await stat(files.onDisk(`${folder}/${name}`));
    return {
      name,
      path: `${folder}/${name}`,
      properties: { size: String(size), modifytime: String(Math.floor(mtimeMs)) },
      children: null,
      isLeaf: true,
      parentPath: folder,
    };
  }

  async function openFile(request: LocalRequest): Promise<LocalReply> {
    const shown = pathIn(request);
    const page = Math.max(1, numberOf(request, 'page') ?? 1);
    const pageSize = Math.min(Math.max(1, numberOf(request, 'pageSize') ?? 5000), mostRows);
    const method = '/api/filesystem/openFile';
    const content = isResultFile(path.posix.basename(shown))
      ? await resultPage(request, shown, page, pageSize)
      : await textPage(shown, page, pageSize);
    if ('display_prohibited' in content) return success(method, content);
    return success(method, {
      ...content,
      totalPage: 0,
      totalLine: content.fileContent.length,
      page,
    });
  }

  async function resultPage(request: LocalRequest, shown: string, page: number, pageSize: number) {
    const file = await openResult(shown);
    const rows = await file.rows((page - 1) * pageSize, pageSize);
    const isText = file.header.type === '1';
    const isLimited = textOf(request, 'enableLimit') === 'true';
    const tooLong = isLimited ? fieldTooLong(rows, file) : undefined;
    if (tooLong !== undefined) return prohibited(tooLong);
    const [from, to] = isLimited ? columnRange(request) : [0, Infinity];
    const cells = withNulls(rows, textOf(request, 'nullValue') ?? 'NULL');
    return {
      metadata: isText
        ? 'NULL'
        : file.header.columns
            .map(({ name, type }) => ({ columnName: name, comment: 'NULL', dataType: type }))
            .slice(from, to),
      fileContent: isLimited ? cells.map((row) => row.slice(from, to)) : cells,
      type: file.header.type,
    };
  }

  async function textPage(shown: string, page: number, pageSize: number) {
    const lines = await linesOf(shown);
    return {
      metadata: {},
      fileContent: lines.slice((page - 1) * pageSize, page * pageSize).map((line) => [line]),
      type: 'script/text',
    };
  }

  async function openLog(request: LocalRequest): Promise<LocalReply> {
    return success('/api/filesystem/openLog', { log: fourParts(await linesOf(pathIn(request))) });
  }

  async function linesOf(shown: string): Promise<string[]> {
    const text = await readFile(files.onDisk(shown), 'utf8').catch(() => {
      throw missing(shown);
    });
    return text.replace(/\n$/, '').split('\n');
  }

  async function openResult(shown: string): Promise<ResultFile> {
    try {
      return await ResultFile.open(files.onDisk(shown));
    } catch (error) {
      if (error instanceof ResultFileError) throw new LinkisError(65000, error.message);
      throw missing(shown);
    }
  }

  function fieldTooLong(rows: readonly ResultRow[], file: ResultFile): string | undefined {
    for (const row of rows) {
      const column = row.findIndex(
        (cell) => (cell?.length ?? 0) > behaviour.displayLimitCharacters,
      );
      if (column >= 0) return file.header.columns[column]?.name ?? 'text';
    }
    return undefined;
  }

  function prohibited(column: string) {
    const most = behaviour.displayLimitCharacters;
    return {
      display_prohibited: true,
      zh_msg: `结果集字段${column}字符数超过${most}，不支持查看，请下载后查看`,
      en_msg: `The field ${column} of the result set has more than ${most} characters and can't be viewed; download it instead`,
    };
  }

  /** `LINKIS_NULL` is the only value that keeps NULL apart from texts; a cell that reads so is lost. */
  function withNulls(rows: readonly ResultRow[], nullValue: string): ResultRow[] {
    const keepsNull = behaviour.linkisNull && nullValue === 'LINKIS_NULL';
    const [seen, shown] = keepsNull ? ['LINKIS_NULL', null] : [null, nullValue];
    const changed = (row: ResultRow) => row.map((cell) => (cell === seen ? shown : cell));
    return rows.map((row) => (row.includes(seen) ? changed(row) : row));
  }
}

/** `_0.dolphin` */
export function isResultFile(name: string): boolean {
  return /^_\d+\.dolphin$/.test(name);
}

function pathIn(request: LocalRequest): string {
  const shown = textOf(request, 'path');
  if (shown) return shown;
  throw new LinkisError(80004, 'The parameter path is empty');
}

function missing(shown: string): LinkisError {
  return new LinkisError(80004, `The file ${shown} does not exist`);
}

/** From and to, for `columnPage` and `columnPageSize`. */
function columnRange(request: LocalRequest): readonly [from: number, to: number] {
  const page = Math.max(1, numberOf(request, 'columnPage') ?? 1);
  const size = Math.max(1, numberOf(request, 'columnPageSize') ?? 500);
  return [(page - 1) * size, page * size];
}
