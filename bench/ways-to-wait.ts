import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpPoller } from '@azure/core-lro';
import { createWaiter, WaiterState } from '@smithy/core/client';
import type { WatchedJob } from '../src/watch/watcher';
import type { WatchedService } from './watched-service';

/** Tells that a job's end is known, and how many requests only confirmed what a look had shown. */
export type Know = (id: string, confirming?: number) => void;

/** Waits for all these jobs in some way, for as long as the process lives. */
export type WayToWait = (service: WatchedService, jobs: readonly WatchedJob[], know: Know) => void;

const intervalMs = 2000;
const longestWaitSeconds = 24 * 60 * 60;
type WaitForOne = (service: WatchedService, id: string, signal: AbortSignal) => Promise<void>;

/** A loop a job; they begin over one interval, as jobs come one after the other. */
function eachByItself(wait: WaitForOne): WayToWait {
  return (service, jobs, know) => {
    for (const [index, { id }] of jobs.entries()) {
      const waited = async () => {
        await sleep((intervalMs * index) / jobs.length);
        await wait(service, id, new AbortController().signal);
        know(id);
      };
      void waited();
    }
  };
}

const plainLoop: WaitForOne = async (service, id, signal) => {
  while (!(await service.hasEnded(id, signal))) await sleep(intervalMs);
};

/** Its own default interval, which is 2 s too. */
const azurePoller: WaitForOne = async (service, id, signal) => {
  const answer = (statusCode: number, status: string, headers: Record<string, string>) => ({
    flatResponse: undefined,
    rawResponse: {
      statusCode,
      headers,
      body: { status },
      request: { method: 'POST', url: id },
    },
  });
  const poller = createHttpPoller({
    sendInitialRequest: () => Promise.resolve(answer(202, 'running', { 'operation-location': id })),
    sendPollRequest: async () =>
      answer(200, (await service.hasEnded(id, signal)) ? 'succeeded' : 'running', {}),
  });
  await poller.pollUntilDone();
};

/** Its own default delays: from 2 s, doubled up to 120 s, with jitter. */
const smithyWaiter: WaitForOne = async (service, id, signal) => {
  await createWaiter(
    { client: service, minDelay: 2, maxDelay: 120, maxWaitTime: longestWaitSeconds },
    id,
    async () => ({
      state: (await service.hasEnded(id, signal)) ? WaiterState.SUCCESS : WaiterState.RETRY,
    }),
  );
};

const roundMs = 30_000;
const requestsPerSecond = 10;

/** All jobs in rounds of 30 s, one after the other at 10 requests a second, as schedulers' pollers do. */
const fixedRounds: WayToWait = (service, jobs, know) => {
  const { signal } = new AbortController();
  const waiting = new Set(jobs.map(({ id }) => id));
  const look = async (id: string) => {
    if (!(await service.hasEnded(id, signal))) return;
    waiting.delete(id);
    know(id);
  };
  const rounds = async () => {
    for (;;) {
      const startedMs = performance.now();
      for (const id of waiting) {
        void look(id);
        await sleep(1000 / requestsPerSecond);
      }
      await sleep(Math.max(0, startedMs + roundMs - performance.now()));
    }
  };
  void rounds();
};

/** As the waiting activities do it: where a look isn't proof of the end, the job itself is asked. */
const watcher: WayToWait = (service, jobs, know) => {
  const wait = async (job: WatchedJob) => {
    const { signal } = new AbortController();
    let confirming = 0;
    for await (const seen of service.watcher.observe(job, signal)) {
      if (seen.kind === 'error') continue;
      if (seen.kind === 'seen' && !service.isEnd(seen.snapshot.status)) continue;
      if (seen.kind === 'seen' && service.isSureEnd(seen.snapshot)) break;
      confirming += 1;
      if (await service.hasEnded(job.id, signal)) break;
    }
    know(job.id, confirming);
  };
  for (const job of jobs) void wait(job);
};

export const waysToWait = {
  plainLoop: eachByItself(plainLoop),
  azurePoller: eachByItself(azurePoller),
  smithyWaiter: eachByItself(smithyWaiter),
  fixedRounds,
  watcher,
};

export type WayName = keyof typeof waysToWait;
