import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { FieldValue } from '../http/body';
import { IncompleteError, InputError, VendorError, WireError } from '../http/errors';
import { clip } from '../http/service-words';
import { LinkisConnection, type LinkisCallOptions, type LinkisClientOptions } from './connection';
import { isEndpointAbsent } from './envelope';
import { requireTaskId, requireWhole } from './input';
import {
  columnQuery,
  entranceRequest,
  excelQuery,
  fileRequest,
  listRequest,
  taskIdQuery,
  workbookQuery,
  type LinkisColumnQuery,
  type LinkisExcelOptions,
  type LinkisTaskFilter,
  type LinkisWorkbookOptions,
} from './requests';
import { executeBody, secretsIn, submitBody, type LinkisSubmission } from './submission';
import { statusSchema, submittedSchema } from './wire';
import { PageMemory } from './page-memory';
import { readPage } from './read-page';
import {
  dirSchema,
  nullMark,
  type LinkisFile,
  type LinkisPackedPage,
  type LinkisResultPage,
} from './wire-files';
import { readWholeLog, type LinkisLogLines } from './whole-log';
import { logPageSchema, wholeLogSchema, type LinkisLog, type LinkisLogPage } from './wire-log';
import { progressSchema, type LinkisProgress } from './wire-progress';
import { taskListSchema, taskPageSchema, taskSchema, type LinkisTask } from './wire-task';

/** The ids of a task that the service took. */
export interface LinkisSubmitted {
  /** Opaque, and reused by the service: a stale one can name another task. */
  readonly execId: string;
  readonly taskId: string;
}

/** How a task stands, as its entrance says. */
export interface LinkisTaskStatus {
  /** The service's own word; `linkisStatus` says what it means. */
  readonly status: string;
  readonly execId?: string;
}

/** Which lines of a log are asked for. */
export interface LinkisLogQuery {
  /** Start at 0, then what the last call answered. */
  readonly fromLine: number;
  /** Lines at most; negative for 10,000. @default the service's 100 */
  readonly size?: number;
  /** False for one plain text instead of a text a level. @default true */
  readonly distinctLevel?: boolean;
}

/** Which part of a result set is asked for. */
export interface LinkisPageQuery {
  /** @default 1 */
  readonly page?: number;
  /** Rows, 100,000 at most. @default 5000 */
  readonly pageSize?: number;
  readonly charset?: string;
  /**
   * Only these columns (1.7 and later). The service then refuses pages with long cells, and doesn't
   * rewrite numbers. @default all
   */
  readonly columns?: LinkisColumnQuery;
}

/** A page of jobhistory. */
export interface LinkisTaskPage {
  /** Newest first. */
  readonly tasks: readonly LinkisTask[];
  /** All rows that match, whatever the page. Stop by it: a page beyond the end repeats the last one. */
  readonly total: number;
}

/** A task's id in jobhistory, where it is known: with it a call finds a task that the entrance forgot. */
export interface LinkisTaskHint {
  readonly taskId?: string;
}

/** The most ids that `list-taskids` answers at a time. */
export const maxTaskIds = 30;

const maxPageSize = 100_000;
const success = z.unknown();
const noDolphin = /file header type must be dolphin/i;

/**
 * The task API of Apache Linkis, 1.0.2 to 1.9.
 *
 * No method retries or logs; one call is repeated once where the session had expired and was
 * renewed. Every method rejects with a TransportError, an HttpError, a VendorError (the service's
 * own refusal, HTTP 200 or not), a WireError (an answer that can't be read), an InputError (nothing
 * was sent), or the signal's reason.
 */
export class LinkisClient {
  readonly #connection: LinkisConnection;
  readonly #submitTimeoutMs: number;
  readonly #downloadTimeoutMs: number;

  /** @throws InputError */
  constructor({ submitTimeoutMs, downloadTimeoutMs, ...options }: LinkisClientOptions) {
    this.#connection = new LinkisConnection(options);
    this.#submitTimeoutMs = submitTimeoutMs ?? 600_000;
    this.#downloadTimeoutMs = downloadTimeoutMs ?? 600_000;
  }

  /** Makes a session now, where the credential is a password; a token needs none. */
  login(signal: AbortSignal): Promise<void> {
    return this.#connection.login(signal);
  }

  /**
   * Has the credential read anew; a session that was made with another one is forgotten.
   *
   * @returns whether it is another one
   * @throws what `readCredential` throws; the old one stays
   */
  renewCredential(): Promise<boolean> {
    return this.#connection.renewCredential();
  }

  /** Calls still under way fail with `Transport.Closed`. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /**
   * Submits a task (1.x form). There is no idempotency key: after an error whose `sent` is `maybe`,
   * look in jobhistory for an own key in `source` before submitting again. A refused submit can
   * leave a `Failed` row behind.
   */
  submit(task: LinkisSubmission, call: LinkisCallOptions): Promise<LinkisSubmitted> {
    return this.#submit('/entrance/submit', submitBody, task, call);
  }

  /** Submits a task in the form of 0.x, which servers of 1.x still take. */
  execute(task: LinkisSubmission, call: LinkisCallOptions): Promise<LinkisSubmitted> {
    return this.#submit('/entrance/execute', executeBody, task, call);
  }

  /**
   * What the entrance says. Jobhistory decides, not this: it can stay Running after a kill, and for
   * an unknown exec id with an unknown `taskId` the service answers Cancelled.
   */
  async status(
    execId: string,
    { taskId }: LinkisTaskHint,
    call: LinkisCallOptions,
  ): Promise<LinkisTaskStatus> {
    return this.#connection.ask(
      statusSchema,
      call,
      entranceRequest(execId, 'status', taskIdQuery(taskId)),
    );
  }

  /** Live lines; kind `notFound` once the entrance has let go of the task (then: {@link openLog}). */
  async log(
    execId: string,
    { fromLine, size, distinctLevel }: LinkisLogQuery,
    call: LinkisCallOptions,
  ): Promise<LinkisLogPage> {
    requireWhole('fromLine', fromLine, 0, Number.MAX_SAFE_INTEGER);
    if (size !== undefined) requireWhole('size', size, -1, Number.MAX_SAFE_INTEGER);
    const request = entranceRequest(execId, 'log', { fromLine, size, distinctLevel });
    return this.#connection.ask(logPageSchema, call, request);
  }

  /** How far a task is, as its entrance sees it; only while the entrance has it. 0 to 1. */
  async progress(execId: string, call: LinkisCallOptions): Promise<LinkisProgress> {
    return this.#connection.ask(progressSchema, call, entranceRequest(execId, 'progress'));
  }

  /** Absent in 1.0 (`isEndpointAbsent`). */
  async progressWithResource(execId: string, call: LinkisCallOptions): Promise<LinkisProgress> {
    return this.#connection.ask(
      progressSchema,
      call,
      entranceRequest(execId, 'progressWithResource'),
    );
  }

  /**
   * Asks for a kill; success means that it was taken, not that the task is dead. Servers take GET,
   * the public page says POST: POST is sent where GET gets 404 or 405.
   *
   * Read jobhistory first. For a task that no entrance holds, a kill with `taskId` only rewrites its
   * row (and destroys its `source`); with an exec id that was reused it kills *another* task,
   * whatever `taskId` says.
   */
  async kill(execId: string, { taskId }: LinkisTaskHint, call: LinkisCallOptions): Promise<void> {
    const request = { ...entranceRequest(execId, 'kill', taskIdQuery(taskId)), asksForOne: false };
    try {
      await this.#connection.ask(success, call, request);
    } catch (error) {
      if (!isEndpointAbsent(error)) throw error;
      await this.#connection.ask(success, call, { ...request, method: 'POST', body: { json: {} } });
    }
  }

  /** One row of jobhistory; kind `notFound` where there is none, or it is somebody else's. */
  async getTask(taskId: string, call: LinkisCallOptions): Promise<LinkisTask> {
    requireTaskId(taskId);
    const path = `/jobhistory/${taskId}/get`;
    const endpoint = `GET /api/rest_j/v1${path}`;
    const task = await this.#connection.ask(taskSchema, call, {
      method: 'GET',
      path,
      asksForOne: true,
    });
    if (task && BigInt(task.taskId) !== BigInt(taskId)) {
      // Its status would be taken for this task's.
      const field = 'data.task.taskID';
      throw new WireError({ endpoint, field, expected: taskId, found: "another task's" });
    }
    if (task) return task;
    throw new VendorError({
      endpoint,
      kind: 'notFound',
      vendorCode: 0,
      serviceMessage: 'no such task',
      httpStatus: 200,
    });
  }

  /** One page of jobhistory, newest first; an over-range page answers the last one again. */
  async listTasks(filter: LinkisTaskFilter, call: LinkisCallOptions): Promise<LinkisTaskPage> {
    return this.#connection.ask(taskPageSchema, call, listRequest(filter));
  }

  /**
   * Rows of up to 30 tasks at once; missing ones and other people's are left out. Servers before 1.7
   * don't have it: the error is one for which `isEndpointAbsent` is true.
   */
  async listTaskIds(
    taskIds: readonly string[],
    call: LinkisCallOptions,
  ): Promise<readonly LinkisTask[]> {
    if (taskIds.length === 0) return [];
    // Beyond them the service would leave tasks out, as if they were missing.
    if (taskIds.length > maxTaskIds) {
      throw new InputError('taskIds', `has ${taskIds.length} ids; give at most ${maxTaskIds}`);
    }
    taskIds.forEach(requireTaskId);
    const query = { taskID: taskIds.join(',') };
    const path = '/jobhistory/list-taskids';
    return this.#connection.ask(taskListSchema, call, { method: 'GET', path, query });
  }

  /** The files of a result folder, in the order of the statements; none where it doesn't exist. */
  async getDirFileTrees(path: string, call: LinkisCallOptions): Promise<readonly LinkisFile[]> {
    return this.#connection.ask(dirSchema, call, fileRequest('getDirFileTrees', path));
  }

  /**
   * One page of a result set. The service renders every value as text (and rewrites numbers: 1.0
   * becomes "1"). NULL is told from "NULL" and "" from 1.5 on; before, it comes as the text "NULL".
   *
   * @throws IncompleteError `Linkis.DisplayProhibited` where the service withholds a large result;
   *   `Linkis.NotAResultSet` where the file is empty or cut off at its head
   */
  async openFile(
    path: string,
    query: LinkisPageQuery,
    call: LinkisCallOptions,
  ): Promise<LinkisResultPage> {
    const { sizeBytes: _, rows, ...page } = await this.openPacked(path, query, call);
    return { ...page, rows: [...rows] };
  }

  /**
   * As {@link openFile}, for large result sets: the cells stay bytes until they are looked at.
   *
   * @param memory where the page lies until another one is read into it
   */
  async openPacked(
    path: string,
    { page = 1, pageSize = 5000, charset, columns }: LinkisPageQuery,
    call: LinkisCallOptions,
    memory = new PageMemory(),
  ): Promise<LinkisPackedPage> {
    requireWhole('page', page, 1, Number.MAX_SAFE_INTEGER);
    requireWhole('pageSize', pageSize, 1, maxPageSize);
    const query = { page, pageSize, charset, nullValue: nullMark, ...columnQuery(columns) };
    const asked = this.#connection.read(
      call,
      fileRequest('openFile', path, query),
      (answer, reading) => readPage(answer, reading, memory),
      memory.answer,
    );
    const answer = await asked.catch((error: unknown) => {
      if (!(error instanceof VendorError) || !noDolphin.test(error.serviceMessage)) throw error;
      throw new IncompleteError('Linkis.NotAResultSet', error.message, error.endpoint);
    });
    if ('withheld' in answer) {
      throw new IncompleteError(
        'Linkis.DisplayProhibited',
        `Linkis withholds the result ${path}: ${clip(answer.withheld, call.secrets)}`,
        'GET /api/rest_j/v1/filesystem/openFile',
      );
    }
    return { ...answer, page, isLast: answer.rows.length < pageSize };
  }

  /**
   * The whole log of a task, from its `logPath`: live logs lose and repeat lines, this one doesn't.
   * In memory; {@link readLog} is for logs of any length.
   */
  async openLog(path: string, call: LinkisCallOptions): Promise<LinkisLog> {
    return this.#connection.ask(wholeLogSchema, call, fileRequest('openLog', path));
  }

  /**
   * The lines of {@link openLog}, every level in order, some at a time as they arrive; `maxBodyBytes`
   * doesn't apply. They are the log only once they have ended without an error. Whoever doesn't read
   * them to their end closes them.
   */
  async readLog(path: string, call: LinkisCallOptions): Promise<LinkisLogLines> {
    return this.#connection.stream(call, fileRequest('openLog', path), readWholeLog);
  }

  /**
   * One result set as a file of the service's own making.
   *
   * The stream fails where it breaks off. An error of the service (HTTP 200 and a text that begins
   * with `error(错误):`) is a VendorError.
   */
  async resultsetToExcel(
    path: string,
    options: LinkisExcelOptions,
    call: LinkisCallOptions,
  ): Promise<Readable> {
    return this.#download('resultsetToExcel', options.type, path, excelQuery(options), call);
  }

  /** All result sets of a folder as one xlsx, a sheet each. */
  async resultsetsToExcel(
    folder: string,
    options: LinkisWorkbookOptions,
    call: LinkisCallOptions,
  ): Promise<Readable> {
    return this.#download('resultsetsToExcel', 'xlsx', folder, workbookQuery(options), call);
  }

  async #submit(
    path: string,
    body: (task: LinkisSubmission, user: string) => Record<string, unknown>,
    task: LinkisSubmission,
    call: LinkisCallOptions,
  ): Promise<LinkisSubmitted> {
    const secrets = [...secretsIn(task), ...(call.secrets ?? [])];
    return this.#connection.ask(
      submittedSchema,
      { ...call, secrets },
      {
        method: 'POST',
        path,
        body: { json: body(task, call.user ?? this.#connection.user) },
        headersTimeoutMs: this.#submitTimeoutMs,
      },
    );
  }

  #download(
    action: string,
    type: 'csv' | 'xlsx',
    path: string,
    query: Readonly<Record<string, FieldValue>>,
    call: LinkisCallOptions,
  ): Promise<Readable> {
    const headersTimeoutMs = this.#downloadTimeoutMs;
    const request = { ...fileRequest(action, path, query), headersTimeoutMs };
    return this.#connection.download(type, call, request);
  }
}
