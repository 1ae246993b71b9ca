import type { FieldValue } from '../http/body';
import { InputError } from '../http/errors';
import type { LinkisRequest } from './connection';
import { execIdPart, requirePath, requireTaskId, requireWhole } from './input';

/** Which rows of jobhistory are listed; what is left out filters nothing. */
export interface LinkisTaskFilter {
  /** Epoch milliseconds of the row's creation, both ends included. */
  readonly startDateMs?: number;
  readonly endDateMs?: number;
  /** The service's words, compared with case: `Running`, not `running`. */
  readonly status?: readonly string[];
  readonly creator?: string;
  readonly executeApplicationName?: string;
  /** Whose tasks, for an administrator. */
  readonly proxyUser?: string;
  readonly isAdminView?: boolean;
  /** `host:port` of an entrance. */
  readonly instance?: string;
  readonly taskId?: string;
  /** @default 1 */
  readonly pageNow?: number;
  /** 1 to 5000. @default 20 */
  readonly pageSize?: number;
}

/** A part of the columns of a wide table; from 1.7 on. */
export interface LinkisColumnQuery {
  /** From 1. */
  readonly page: number;
  /** Columns, 500 at most. */
  readonly pageSize: number;
}

/** How `resultsetsToExcel` writes all result sets into one workbook. */
export interface LinkisWorkbookOptions {
  /** Rows of a result set; always sent, for without it the service stops at 5000 and says nothing. @default 2_147_483_647, all */
  readonly limit?: number;
  /** What stands for NULL. @default 'NULL' on the service */
  readonly nullValue?: string;
  readonly outputFileName?: string;
  /** Numbers as numbers; otherwise every cell is text. @default false on the service */
  readonly autoFormat?: boolean;
}

/** How `resultsetToExcel` writes one result set. */
export interface LinkisExcelOptions extends LinkisWorkbookOptions {
  /** The service knows no `excel`. Its CSV loses quotes, newlines and "": build CSV from `openFile` where that matters. */
  readonly type: 'csv' | 'xlsx';
  readonly charset?: string;
  /** @default ',' on the service */
  readonly separator?: string;
  readonly quoteRetouchEnable?: boolean;
  readonly sheetName?: string;
  readonly keepNewline?: boolean;
}

/** A Java int: the service can't count further. */
const allRows = 2_147_483_647;
const maxListSize = 5_000;
/** The service's own bound. */
const maxColumnPage = 500;

export function entranceRequest(
  execId: string,
  action: string,
  query: Readonly<Record<string, FieldValue>> = {},
): LinkisRequest {
  const path = `/entrance/${execIdPart(execId)}/${action}`;
  return { method: 'GET', path, query, asksForOne: true };
}

/** The public page doesn't have it; servers use it to find a task that left the entrance's memory. */
export function taskIdQuery(taskId: string | undefined): Readonly<Record<string, FieldValue>> {
  if (taskId !== undefined) requireTaskId(taskId);
  return { taskID: taskId };
}

export function fileRequest(
  action: string,
  path: string,
  query: Readonly<Record<string, FieldValue>> = {},
): LinkisRequest {
  requirePath(path);
  return {
    method: 'GET',
    path: `/filesystem/${action}`,
    query: { path, ...query },
    asksForOne: true,
  };
}

export function listRequest(filter: LinkisTaskFilter): LinkisRequest {
  const { pageNow = 1, pageSize = 20, taskId } = filter;
  requireWhole('pageNow', pageNow, 1, allRows);
  // For a size of 0 the service answers *every* row.
  requireWhole('pageSize', pageSize, 1, maxListSize);
  return {
    method: 'GET',
    path: '/jobhistory/list',
    query: {
      startDate: filter.startDateMs,
      endDate: filter.endDateMs,
      status: filter.status?.join(','),
      creator: filter.creator,
      executeApplicationName: filter.executeApplicationName,
      proxyUser: filter.proxyUser,
      isAdminView: filter.isAdminView,
      instance: filter.instance,
      ...taskIdQuery(taskId),
      pageNow,
      pageSize,
    },
  };
}

/** The service heeds them only where its limits are on. */
export function columnQuery(
  columns: LinkisColumnQuery | undefined,
): Readonly<Record<string, FieldValue>> {
  if (columns === undefined) return {};
  const { page, pageSize } = columns;
  requireWhole('columns.page', page, 1, allRows);
  requireWhole('columns.pageSize', pageSize, 1, maxColumnPage);
  return { enableLimit: true, columnPage: page, columnPageSize: pageSize };
}

export function workbookQuery({
  limit = allRows,
  nullValue,
  outputFileName,
  autoFormat,
}: LinkisWorkbookOptions): Readonly<Record<string, FieldValue>> {
  requireWhole('limit', limit, 1, allRows);
  return { limit, nullValue, outputFileName, autoFormat };
}

export function excelQuery(options: LinkisExcelOptions): Readonly<Record<string, FieldValue>> {
  if (options.type !== 'csv' && options.type !== 'xlsx') {
    throw new InputError('type', `is ${JSON.stringify(options.type)}; give csv or xlsx`);
  }
  return {
    ...workbookQuery(options),
    outputFileType: options.type,
    charset: options.charset,
    // The first is how every version spells it, the second came with 1.3.2.
    csvSeperator: options.separator,
    csvSeparator: options.separator,
    quoteRetouchEnable: options.quoteRetouchEnable,
    sheetName: options.sheetName,
    keepNewline: options.keepNewline,
  };
}
