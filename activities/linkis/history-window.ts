import type { LinkisClient, LinkisTaskPage } from '../../src/clients/linkis/client';
import { seenTask, type SeenTask } from './seen-task';

/** The words of tasks under way, as the service compares them: with case. */
const underWay = ['Inited', 'WaitForRetry', 'Scheduled', 'Running'];
const leastPageRows = 20;
/** A row may hold the whole code of its task. */
const mostPageRows = 500;
const mostPages = 100;
const pagesAtOnce = 4;
/** How far back a task may have been created that hasn't been seen yet. */
const longestAgoMs = 30 * 24 * 3_600_000;
const clockSkewMs = 15 * 60_000;

/**
 * Looks at many tasks through jobhistory/list, where the service has no list-taskids: the pages of
 * the user's tasks under way, from the creation of the oldest one that waits. Tasks that have ended
 * are not in them, however many the user has; nor is one that is asked for and has ended.
 */
export class HistoryWindow {
  private createdAtMs: ReadonlyMap<string, number> = new Map();

  constructor(private readonly user: string) {}

  /** @returns undefined where there are so many other tasks that single requests are fewer */
  async look(
    client: LinkisClient,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SeenTask> | undefined> {
    const asked = new Set(ids);
    const seen = new Map<string, SeenTask>();
    const pageSize = Math.min(mostPageRows, Math.max(leastPageRows, 2 * ids.length));
    const window = {
      startDateMs: this.oldestMs(ids),
      endDateMs: Date.now() + clockSkewMs,
      status: underWay,
      pageSize,
    };
    const read = async (pageNow: number): Promise<LinkisTaskPage> => {
      const call = { signal, user: this.user, priority: 'background' } as const;
      const page = await client.listTasks({ ...window, pageNow }, call);
      for (const task of page.tasks)
        if (asked.has(task.taskId)) seen.set(task.taskId, seenTask(task));
      return page;
    };
    const { total } = await read(1);
    // A page beyond the last one would be the last one again.
    const pages = Math.ceil(total / pageSize);
    if (pages > Math.min(mostPages, ids.length)) return undefined;
    for (let page = 2; page <= pages && seen.size < asked.size; page += pagesAtOnce) {
      const last = Math.min(pages, page + pagesAtOnce - 1);
      const numbers = Array.from({ length: last - page + 1 }, (_, index) => page + index);
      await Promise.all(numbers.map(read));
    }
    this.remember(ids, seen);
    return seen;
  }

  private oldestMs(ids: readonly string[]): number {
    const unseenMs = Date.now() - longestAgoMs;
    let oldestMs = Infinity;
    for (const id of ids) oldestMs = Math.min(oldestMs, this.createdAtMs.get(id) ?? unseenMs);
    return oldestMs;
  }

  /** Of those that are still asked for; the others need no memory. */
  private remember(ids: readonly string[], seen: ReadonlyMap<string, SeenTask>): void {
    const created = new Map<string, number>();
    for (const id of ids) {
      const createdAtMs = seen.get(id)?.createdAtMs ?? this.createdAtMs.get(id);
      if (createdAtMs !== undefined) created.set(id, createdAtMs);
    }
    this.createdAtMs = created;
  }
}
