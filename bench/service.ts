import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceSettings } from './service-process';

export interface RunningService {
  readonly url: string;
  /** Where the service keeps its state, its own record of when each job ended included. */
  readonly stateDir: string;
  close(): Promise<void>;
}

/** Starts a local service in a process of its own, with nothing in it. */
export async function startService(settings: ServiceSettings): Promise<RunningService> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'bench-service-'));
  const child = fork(path.join(__dirname, 'service-process.js'), [
    JSON.stringify({ ...settings, stateDir }),
  ]);
  const exited = once(child, 'exit');
  const died = exited.then(() => {
    throw new Error(`the local ${settings.kind} ended before it was ready`);
  });
  const [ready] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
  died.catch(() => undefined);
  return {
    url: ready.url,
    stateDir,
    async close() {
      child.disconnect();
      await exited;
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
