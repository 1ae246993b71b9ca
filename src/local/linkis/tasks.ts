import type { Entrance } from './entrance/entrance';
import type { JobHistory } from './history/job-history';
import { isTerminal, type TaskStatus } from './history/task-row';

/** A task as the stand-in knows it, for what a test asserts. */
export interface LocalTask {
  readonly taskId: number;
  /** What jobhistory says. */
  readonly status: TaskStatus;
  /** Whether an engine is at work on it or will be, whatever jobhistory says. */
  readonly isBusy: boolean;
  readonly user: string;
  readonly creator: string;
  readonly code: string;
  /** What submit sent, also after a forced kill has wiped the row. */
  readonly source: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  /** When jobhistory said so, epoch milliseconds; undefined before. */
  readonly endedAtMs?: number;
  readonly errCode: number | null;
}

export function tasksOf(history: JobHistory, entrance: Entrance): LocalTask[] {
  const oldestFirst = history.list({}).reverse();
  return oldestFirst.map((row) => ({
    taskId: row.taskID,
    status: row.status,
    isBusy: entrance.isBusyWith(row.taskID),
    user: row.umUser,
    creator: row.requestApplicationName,
    code: row.executionCode,
    source: row.submittedSource,
    createdAtMs: row.createdTime,
    endedAtMs: isTerminal(row.status) ? row.updatedTime : undefined,
    errCode: row.errCode,
  }));
}
