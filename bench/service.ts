import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceAnswers, ServiceQuestion, ServiceSettings } from './service-process';

export interface RunningService {
  readonly url: string;
  /** Where the service keeps its state. */
  readonly stateDir: string;
  /** When each job that was submitted here ended, epoch milliseconds, by the service's own record. */
  ends(): Promise<ReadonlyMap<string, number>>;
  /** What the service's process has taken since its start. */
  usage(): Promise<ServiceAnswers['usage']>;
  close(): Promise<void>;
}

/** Starts a local service in a process of its own, with nothing in it but what `settings` ask for. */
export async function startService(settings: ServiceSettings): Promise<RunningService> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'bench-service-'));
  const child = fork(path.join(__dirname, 'service-process.js'), [
    JSON.stringify({ ...settings, stateDir }),
  ]);
  const exited = once(child, 'exit');
  const died = exited.then(() => {
    throw new Error(`the local ${settings.kind} ended`);
  });
  died.catch(() => undefined);
  const [ready] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
  const ask = asking(child, died);
  return {
    url: ready.url,
    stateDir,
    ends: async () => new Map(await ask('ends')),
    usage: () => ask('usage'),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Questions to the service's process, each answered by its number. */
function asking(child: ChildProcess, died: Promise<never>) {
  const waiting = new Map<number, (answer: never) => void>();
  let asked = 0;
  child.on('message', ({ id, answer }: { id: number; answer: never }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  return async <Ask extends keyof ServiceAnswers>(ask: Ask): Promise<ServiceAnswers[Ask]> => {
    const id = (asked += 1);
    const answered = new Promise<ServiceAnswers[Ask]>((resolve) => waiting.set(id, resolve));
    child.send({ id, ask } satisfies ServiceQuestion);
    return Promise.race([answered, died]);
  };
}
