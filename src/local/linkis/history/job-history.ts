import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isTerminal, type NewTaskRow, type TaskChange, type TaskRow } from './task-row';

export interface HistoryFilter {
  readonly user?: string;
  readonly taskID?: number;
  readonly status?: readonly string[];
  /** Epoch milliseconds, both included. */
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly executeApplicationName?: string;
  readonly creator?: string;
  readonly instance?: string;
}

/** The database behind the entrance. A change of status is on disk before anybody is told of it. */
export class JobHistory {
  readonly #rows = new Map<number, TaskRow>();
  readonly #file: string;
  #lastId = 0;

  /** Takes up what `file` holds. */
  constructor(file: string) {
    this.#file = file;
    mkdirSync(path.dirname(file), { recursive: true });
    for (const line of linesOf(file)) {
      const row = JSON.parse(line) as TaskRow;
      this.#rows.set(row.taskID, row);
      this.#lastId = Math.max(this.#lastId, row.taskID);
    }
    const compact = [...this.#rows.values()].map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(`${file}.new`, compact);
    renameSync(`${file}.new`, file);
  }

  insert(row: NewTaskRow): TaskRow {
    const now = Date.now();
    const inserted = { ...row, taskID: (this.#lastId += 1), createdTime: now, updatedTime: now };
    this.#rows.set(inserted.taskID, inserted);
    this.#save(inserted);
    return inserted;
  }

  /** A task that has ended stays as it is, whoever asks for a change. */
  update(taskID: number, change: TaskChange): void {
    const row = this.#rows.get(taskID);
    if (row === undefined || isTerminal(row.status)) return;
    Object.assign(row, change);
    row.updatedTime = Math.max(Date.now(), row.updatedTime);
    if (isTerminal(row.status) && change.costTime === undefined) {
      row.costTime = row.updatedTime - row.createdTime;
    }
    this.#save(row);
  }

  /** Kept in memory only: the file would grow with every tick of every task. */
  reportProgress(taskID: number, progress: string): void {
    const row = this.#rows.get(taskID);
    if (row === undefined || isTerminal(row.status)) return;
    row.progress = progress;
    row.updatedTime = Date.now();
  }

  get(taskID: number): TaskRow | undefined {
    return this.#rows.get(taskID);
  }

  /** Newest first. */
  list(filter: HistoryFilter): TaskRow[] {
    const matches = (row: TaskRow) =>
      (filter.user === undefined || row.umUser === filter.user) &&
      (filter.taskID === undefined || row.taskID === filter.taskID) &&
      (filter.status === undefined || filter.status.includes(row.status)) &&
      (filter.createdFrom === undefined || row.createdTime >= filter.createdFrom) &&
      (filter.createdTo === undefined || row.createdTime <= filter.createdTo) &&
      (filter.executeApplicationName === undefined ||
        row.executeApplicationName === filter.executeApplicationName) &&
      (filter.creator === undefined || row.requestApplicationName === filter.creator) &&
      (filter.instance === undefined || row.instance === filter.instance);
    return [...this.#rows.values()].filter(matches).reverse();
  }

  #save(row: TaskRow): void {
    appendFileSync(this.#file, `${JSON.stringify(row)}\n`);
  }
}

/** A last line that a killed process left unfinished is dropped. */
function linesOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').slice(0, -1);
}
