import { HttpError, VendorError } from '../../src/clients/http/errors';
import { maxTaskIds, type LinkisClient } from '../../src/clients/linkis/client';
import type { LinkisCallOptions } from '../../src/clients/linkis/connection';
import { isEndpointAbsent } from '../../src/clients/linkis/envelope';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { StatusSource } from '../../src/watch/watcher';
import { isOfTheService, ListHealth } from '../list-health';
import { HistoryWindow } from './history-window';
import { seenTask, type SeenTask } from './seen-task';

/** A missing list-taskids is asked for again after this: a proxy's 404 says nothing lasting. */
const firstAbsenceMs = 10 * 60_000;
/** It stays away the longer, the more often it was missing: an old server is seldom replaced. */
const longestAbsenceMs = 6 * 3_600_000;
/** A window that is crowded by other tasks is left for so long. */
const crowdedForMs = 60_000;
const singlesAtOnce = 8;

/**
 * Linkis' batched status, whichever the server has: `jobhistory/list-taskids` in 30s (1.7 and
 * later), else windows of `jobhistory/list`, else single gets.
 */
export function linkisStatusSource(
  connect: () => Promise<LinkisClient>,
  user: string,
): StatusSource<SeenTask> {
  const window = new HistoryWindow(user);
  const health = new ListHealth();
  let hasListTaskIds = true;
  let absenceMs = 0;
  let askAgainAtMs = 0;
  let crowdedUntilMs = 0;

  function idsPerLook(): number {
    if (hasListTaskIds) return maxTaskIds;
    return !health.isAway && Date.now() >= crowdedUntilMs ? Infinity : 1;
  }

  /** @returns undefined where the server has no list-taskids */
  async function lookAtIds(client: LinkisClient, ids: readonly string[], signal: AbortSignal) {
    try {
      const tasks = await client.listTaskIds(ids, { signal, user, priority: 'background' });
      hasListTaskIds = true;
      absenceMs = 0;
      return tasksById(tasks);
    } catch (error) {
      if (!isEndpointAbsent(error)) throw error;
      // Of looks side by side the first one tells.
      if (hasListTaskIds) noteAbsence();
      return undefined;
    }
  }

  function noteAbsence(): void {
    hasListTaskIds = false;
    absenceMs = Math.min(longestAbsenceMs, Math.max(firstAbsenceMs, 2 * absenceMs));
    askAgainAtMs = Date.now() + absenceMs;
  }

  /** Beside a look that does without it, which neither waits nor fails for it. */
  function askAgain(client: LinkisClient, ids: readonly string[], signal: AbortSignal): void {
    if (hasListTaskIds || Date.now() < askAgainAtMs) return;
    noteAbsence();
    lookAtIds(client, ids.slice(0, maxTaskIds), signal).catch(() => undefined);
  }

  async function lookAtWindow(client: LinkisClient, ids: readonly string[], signal: AbortSignal) {
    try {
      const seen = await window.look(client, ids, signal);
      if (seen === undefined) crowdedUntilMs = Date.now() + crowdedForMs;
      health.answered();
      return seen;
    } catch (error) {
      health.failed(error);
      throw error;
    }
  }

  async function lookSingly(client: LinkisClient, ids: readonly string[], signal: AbortSignal) {
    const tasks: LinkisTask[] = [];
    for (let start = 0; start < ids.length; start += singlesAtOnce) {
      const some = ids.slice(start, start + singlesAtOnce);
      const found = await Promise.all(
        some.map((id) => taskIfKnown(client, id, { signal, user, priority: 'background' })),
      );
      tasks.push(...found.filter((task) => task !== undefined));
    }
    return tasksById(tasks);
  }

  return {
    get idsPerLook() {
      return idsPerLook();
    },
    asksEach: (tasks) => tasks === 1,
    isOfTheService,
    async look(ids, signal) {
      const client = await connect();
      askAgain(client, ids, signal);
      if (ids.length === 1) return lookSingly(client, ids, signal);
      // Another look has found out meanwhile that there is no such way.
      if (ids.length > idsPerLook()) return undefined;
      return hasListTaskIds ? lookAtIds(client, ids, signal) : lookAtWindow(client, ids, signal);
    },
    progressOf: ({ progress }) => progress,
    sameAs: (one, other) => markOf(one) === markOf(other),
    retryAfterMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
  };
}

/** What changes in a row while its task is under way. The date alone would do, if every server gave one. */
export function markOf({ status, progress, updatedAtMs, execId }: SeenTask): string {
  return [updatedAtMs, status, progress, execId].join(' ');
}

function tasksById(tasks: readonly LinkisTask[]): ReadonlyMap<string, SeenTask> {
  return new Map(tasks.map((task) => [task.taskId, seenTask(task)]));
}

/** A call for one task, by the user whose it is. */
export type TaskCall = Required<Pick<LinkisCallOptions, 'signal' | 'user'>> &
  Pick<LinkisCallOptions, 'priority'>;

/** The task's row in jobhistory, or undefined where the service says it has none for this user. */
export async function taskIfKnown(
  client: LinkisClient,
  taskId: string,
  call: TaskCall,
): Promise<LinkisTask | undefined> {
  try {
    return await client.getTask(taskId, call);
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
