import { Journal } from '../../journal';
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
  readonly #byId = new Map<number, TaskRow>();
  /** By taskID, which is by the time of creation too. */
  readonly #rows: TaskRow[];
  readonly #journal: Journal<TaskRow>;
  /** Rows of tasks that were never submitted, and are made anew by each start. */
  readonly #invented = new Set<TaskRow>();

  /**
   * Takes up what `file` holds.
   *
   * @param invented rows that ended before the given time; they are kept in memory only
   */
  constructor(file: string, invented: (beforeMs: number) => Iterable<TaskRow> = () => []) {
    this.#journal = new Journal(
      file,
      (row) => this.#byId.set(row.taskID, row),
      () => this.#submitted(),
    );
    const [oldest] = this.#byId.values();
    for (const row of invented(oldest?.createdTime ?? Date.now())) {
      if (this.#byId.has(row.taskID)) break; // times go up with the ids
      this.#invented.add(row);
      this.#byId.set(row.taskID, row);
    }
    this.#rows = [...this.#byId.values()].sort((a, b) => a.taskID - b.taskID);
  }

  insert(row: NewTaskRow): TaskRow {
    const last = this.#rows.at(-1);
    const now = Math.max(Date.now(), last?.createdTime ?? 0);
    const taskID = (last?.taskID ?? 0) + 1;
    const inserted = { ...row, taskID, createdTime: now, updatedTime: now };
    this.#byId.set(taskID, inserted);
    this.#rows.push(inserted);
    this.#journal.append(inserted);
    return inserted;
  }

  /** A task that has ended stays as it is, whoever asks for a change. */
  update(taskID: number, change: TaskChange): void {
    const row = this.#byId.get(taskID);
    if (row === undefined || isTerminal(row.status)) return;
    Object.assign(row, change);
    row.updatedTime = Math.max(Date.now(), row.updatedTime);
    if (isTerminal(row.status) && change.costTime === undefined) {
      row.costTime = row.updatedTime - row.createdTime;
    }
    this.#journal.append(row);
  }

  /** Kept in memory only: the file would grow with every tick of every task. */
  reportProgress(taskID: number, progress: string): void {
    const row = this.#byId.get(taskID);
    if (row === undefined || isTerminal(row.status)) return;
    row.progress = progress;
    row.updatedTime = Date.now();
  }

  get(taskID: number): TaskRow | undefined {
    return this.#byId.get(taskID);
  }

  /** Newest first. */
  list(filter: HistoryFilter): TaskRow[] {
    const { createdFrom = -Infinity, createdTo = Infinity } = filter;
    const matches = (row: TaskRow) =>
      row.createdTime >= createdFrom &&
      row.createdTime <= createdTo &&
      (filter.user === undefined || row.umUser === filter.user) &&
      (filter.status === undefined || filter.status.includes(row.status)) &&
      (filter.executeApplicationName === undefined ||
        row.executeApplicationName === filter.executeApplicationName) &&
      (filter.creator === undefined || row.requestApplicationName === filter.creator) &&
      (filter.instance === undefined || row.instance === filter.instance);
    if (filter.taskID !== undefined) {
      const row = this.#byId.get(filter.taskID);
      return row !== undefined && matches(row) ? [row] : [];
    }
    const found: TaskRow[] = [];
    const first = this.#firstFrom(createdFrom);
    for (let index = this.#firstFrom(createdTo, true) - 1; index >= first; index -= 1) {
      const row = this.#rows[index]!;
      if (matches(row)) found.push(row);
    }
    return found;
  }

  /** What was changed after it is lost, as after a SIGKILL. */
  close(): void {
    this.#journal.close();
  }

  *#submitted(): Generator<TaskRow> {
    for (const row of this.#byId.values()) if (!this.#invented.has(row)) yield row;
  }

  /** Index of the first row that was created at the time or later; `after`, only later. */
  #firstFrom(timeMs: number, after = false): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { createdTime } = this.#rows[middle]!;
      if (createdTime < timeMs || (after && createdTime === timeMs)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
