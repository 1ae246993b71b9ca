import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { WorkerOrder, WorkerQuestion, WorkerState } from './worker-process';

export interface RunningWorker {
  /** @param except ids of jobs that don't count. @default none */
  state(except?: readonly string[]): Promise<WorkerState>;
  /** Calls to Temporal by their names since its start, as the SDK counts them. */
  calls(): Promise<ReadonlyMap<string, number>>;
  /** Ends it, and resolves with the milliseconds that it took. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number>;
}

/** As the image sets it; see docs/decisions/0023. */
const memorySettings = {
  NODE_OPTIONS: '--max-old-space-size=800',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_ARENA_MAX: '2',
};

/** Starts a worker with the plugin in a process of its own; it polls when this resolves. */
export async function startWorker(order: Omit<WorkerOrder, 'metricsPort'>): Promise<RunningWorker> {
  const metricsPort = await freePort();
  const child = fork(
    path.join(__dirname, 'worker-process.js'),
    [JSON.stringify({ ...order, metricsPort } satisfies WorkerOrder)],
    { env: { ...process.env, ...memorySettings }, execArgv: ['--heap-growing-percent=25'] },
  );
  const exited = once(child, 'exit');
  const died = exited.then(() => {
    throw new Error('the worker ended');
  });
  died.catch(() => undefined);
  const next = async () => (await Promise.race([once(child, 'message'), died])) as [WorkerState];
  await next();
  return {
    async state(except: WorkerQuestion = []) {
      child.send(except);
      const [state] = await next();
      return state;
    },
    async calls() {
      const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
      const counted =
        /^temporal_(?:long_)?request(?:_total)?\{[^}]*operation="(\w+)"[^}]*\} (\d+)/gm;
      const calls = new Map<string, number>();
      for (const [, name = '', count] of (await response.text()).matchAll(counted)) {
        calls.set(name, (calls.get(name) ?? 0) + Number(count));
      }
      return calls;
    },
    async stop(signal) {
      const startedMs = performance.now();
      child.kill(signal);
      await exited;
      return performance.now() - startedMs;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
