import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isTerminalLinkisStatus,
  LinkisClient,
  type LinkisTask,
} from '../src/clients/linkis/public';
import type { LinkisConnectionOptions } from '../src/config/connection-options';

/** The account of the local Linkis. */
export const linkisUser = 'hadoop';
const password = 'hadoop';

export function linkisConnection(url: string): LinkisConnectionOptions {
  return { type: 'linkis', url, user: linkisUser, password: { value: password } };
}

export function linkisClient(url: string): LinkisClient {
  return new LinkisClient({ url, user: linkisUser, credential: { password } });
}

/** Asks for a task until it has ended, by nothing but HTTP calls. */
export async function untilEnded(
  client: LinkisClient,
  taskId: string,
  intervalMs: number,
  signal: AbortSignal,
): Promise<LinkisTask> {
  for (;;) {
    const task = await client.getTask(taskId, { signal, user: linkisUser });
    if (isTerminalLinkisStatus(task.status)) return task;
    await sleep(intervalMs, undefined, { signal });
  }
}

/** Runs with a folder that is removed afterwards. */
export async function withFolder<Result>(
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
