import { HttpError, VendorError } from '../../src/clients/http/errors';
import { maxTaskIds, type LinkisClient } from '../../src/clients/linkis/client';
import { isEndpointAbsent } from '../../src/clients/linkis/envelope';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { StatusSource } from '../../src/watch/watcher';

/** A missing list-taskids is asked for again after this: a proxy's 404 says nothing lasting. */
const singlyForMs = 10 * 60_000;
/** Single requests at a time, where the server has no list-taskids. */
const singlesAtOnce = 8;

/** Linkis' batched status: jobhistory/list-taskids where the server has it, else single gets. */
export function linkisStatusSource(
  connect: () => Promise<LinkisClient>,
  user: string,
): StatusSource<LinkisTask> {
  let singlyUntilMs = 0;
  return {
    idsPerLook: maxTaskIds,
    async look(ids, signal) {
      const client = await connect();
      if (ids.length > 1 && Date.now() >= singlyUntilMs) {
        try {
          const tasks = await client.listTaskIds(ids, { signal, user });
          return new Map(tasks.map((task) => [task.taskId, task]));
        } catch (error) {
          if (!isEndpointAbsent(error)) throw error;
          singlyUntilMs = Date.now() + singlyForMs;
        }
      }
      return lookSingly(client, ids, user, signal);
    },
    retryAfterMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
  };
}

async function lookSingly(
  client: LinkisClient,
  ids: readonly string[],
  user: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LinkisTask>> {
  const seen = new Map<string, LinkisTask>();
  for (let start = 0; start < ids.length; start += singlesAtOnce) {
    await Promise.all(
      ids.slice(start, start + singlesAtOnce).map(async (id) => {
        const task = await taskIfKnown(client, id, user, signal);
        if (task !== undefined) seen.set(id, task);
      }),
    );
  }
  return seen;
}

/** The task's row in jobhistory, or undefined where the service says it has none for this user. */
export async function taskIfKnown(
  client: LinkisClient,
  taskId: string,
  user: string,
  signal: AbortSignal,
): Promise<LinkisTask | undefined> {
  try {
    return await client.getTask(taskId, { signal, user });
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
