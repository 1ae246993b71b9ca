import { RemoteServiceError, VendorError, WireError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { isTerminalLinkisStatus, linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { TaskCall } from './watch-source';
import type { SeenTask } from './seen-task';

/**
 * Who an execID names at this moment. Entrances hand execIDs out again after a restart, and a kill
 * of one hits whatever task bears it now, whatever `taskID` says.
 *
 * - `own`: the task itself. - `other`: a newer task; `taskId` says which.
 * - `nobody`: no entrance held it when asked; `mayBeTaken` where a newer task that queues may have
 *   got it since. - `over`: an entrance remembers it as ended, jobhistory doesn't.
 * - `unclear`: a newer task that queues may bear it, and nothing says which of the two it is.
 */
export type ExecHolder =
  | { readonly kind: 'own' | 'over' | 'unclear' }
  | { readonly kind: 'nobody'; readonly mayBeTaken: boolean }
  | { readonly kind: 'other'; readonly taskId: string };

const pageRows = 200;
/** Newer tasks that have not ended are read this far; with more of them nothing is certain. */
const mostPages = 50;
/** Words of rows that a kill could hit; compared with case by the service. */
const notEnded = ['Inited', 'Scheduled', 'Running', 'WaitForRetry'];
/** The entrance's first lines on a task; it stands among them, and proves whose the execID is. */
const acceptance = /\bYour job is accepted\b.*\btaskID is (\d+)/i;
const acceptanceWithinLines = 20;

/**
 * Asks the entrance first and jobhistory after it: a task that queued when the entrance was asked
 * has its execID in its row by then, if it has started since.
 *
 * @throws the client's error where the entrance or jobhistory can't be asked
 */
export async function execHolder(
  client: LinkisClient,
  task: SeenTask,
  execId: string,
  call: TaskCall,
): Promise<ExecHolder> {
  const word = await wordOfEntrance(client, execId, call);
  const accepted = word === undefined ? undefined : await acceptedTask(client, execId, call);
  const newest = await newestTasks(client, task, call);
  const bearer = bearerOf(execId, newest.rows);
  if (bearer !== undefined) return { kind: 'other', taskId: bearer.taskId };
  if (word !== undefined && accepted !== undefined) {
    if (accepted !== task.taskId) return { kind: 'other', taskId: accepted };
    // Whoever may have got the execID since it was asked is among the newest: the others needn't be
    // read, and a kill beside thousands of tasks isn't late.
    return { kind: isTerminalLinkisStatus(word) ? 'over' : 'own' };
  }
  const newer = newest.complete ? newest : await withUnended(client, newest, task, call);
  const older = bearerOf(execId, newer.rows);
  if (older !== undefined) return { kind: 'other', taskId: older.taskId };
  const queues = newer.rows.some(
    (row) => row.execId === undefined && !isTerminalLinkisStatus(row.status),
  );
  if (word === undefined) return { kind: 'nobody', mayBeTaken: queues || !newer.complete };
  if (isTerminalLinkisStatus(word)) return { kind: 'over' };
  if (newer.complete && !queues) return { kind: 'own' };
  // What queues doesn't run: a running task that the row too has as running is the row's.
  const bothRun = linkisStatus(word) === 'running' && linkisStatus(task.status) === 'running';
  return { kind: newer.complete && bothRun ? 'own' : 'unclear' };
}

/**
 * What the entrance alone tells: enough to find a task lost, or at work, and never enough for a kill.
 * Costs two requests at most, however many tasks there are; undefined where it leaves a doubt.
 *
 * @throws the client's error where the entrance can't be asked
 */
export async function toldByEntrance(
  client: LinkisClient,
  task: SeenTask,
  execId: string,
  call: TaskCall,
): Promise<ExecHolder | undefined> {
  const word = await wordOfEntrance(client, execId, call);
  if (word === undefined) return { kind: 'nobody', mayBeTaken: true };
  if (isTerminalLinkisStatus(word)) return { kind: 'over' };
  const accepted = await acceptedTask(client, execId, call);
  if (accepted === undefined) return undefined;
  return accepted === task.taskId ? { kind: 'own' } : { kind: 'other', taskId: accepted };
}

/** The entrance's word for the execID; undefined where it says that it holds no such task. */
async function wordOfEntrance(
  client: LinkisClient,
  execId: string,
  call: TaskCall,
): Promise<string | undefined> {
  try {
    // Without taskId: with it, an entrance that knows nothing answers from the database.
    return (await client.status(execId, {}, call)).status;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    // It doesn't say, which is no word against the task.
    if (error instanceof WireError) return '';
    if (error instanceof VendorError && error.kind === 'refused') return '';
    throw error;
  }
}

/** The taskID that the entrance wrote into the log when it took the task; a proof, where it is there. */
async function acceptedTask(
  client: LinkisClient,
  execId: string,
  call: TaskCall,
): Promise<string | undefined> {
  try {
    const { lines } = await client.log(execId, { fromLine: 0, size: acceptanceWithinLines }, call);
    return lines.map((line) => acceptance.exec(line)?.[1]).find((taskId) => taskId !== undefined);
  } catch (error) {
    if (error instanceof RemoteServiceError) return undefined;
    throw error;
  }
}

/** Tasks that were created after this one. */
interface NewerTasks {
  readonly rows: readonly LinkisTask[];
  /** All of them are there that may have an execID in an entrance. */
  readonly complete: boolean;
}

async function newestTasks(
  client: LinkisClient,
  task: SeenTask,
  call: TaskCall,
): Promise<NewerTasks> {
  const { tasks, total } = await client.listTasks(since(task), call);
  return { rows: newerThan(task, tasks), complete: total <= pageRows };
}

/** With those behind the newest that have not ended: few, however many have. */
async function withUnended(
  client: LinkisClient,
  newest: NewerTasks,
  task: SeenTask,
  call: TaskCall,
): Promise<NewerTasks> {
  const found = [...newest.rows];
  for (let page = 1; page <= mostPages; page++) {
    const query = { ...since(task), status: notEnded, pageNow: page };
    const { tasks, total } = await client.listTasks(query, call);
    found.push(...newerThan(task, tasks));
    if (page * pageRows >= total) return { rows: found, complete: true };
  }
  return { rows: found, complete: false };
}

function since(task: SeenTask) {
  const endDateMs = Date.now() + 24 * 3600_000;
  return { startDateMs: task.createdAtMs ?? 0, endDateMs, pageSize: pageRows };
}

function newerThan(task: SeenTask, rows: readonly LinkisTask[]): readonly LinkisTask[] {
  return rows.filter((row) => Number(row.taskId) > Number(task.taskId));
}

/** Not by `strongerExecId`, which is the same for all that queue: it ends in `null`. */
function bearerOf(execId: string, rows: readonly LinkisTask[]): LinkisTask | undefined {
  return rows.find((row) => row.execId === execId);
}
