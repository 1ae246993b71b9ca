import { ActivitySession } from '../../activities/session';
import { waitForEnd, type WaitingJob } from '../../activities/waiting';
import type { JobProgress } from '../../src/contracts/job';
import { RequestBudget } from '../../src/watch/request-budget';
import { Watcher, type StatusSource } from '../../src/watch/watcher';
import { Attempt } from './support';

/** Hours pass in these tests, on a simulated clock. */
beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

class Refused extends Error {}
class Busy extends Error {
  constructor(readonly retryAfterMs: number) {
    super('429');
  }
}

/** A service that answers as it is told at the moment; `missing` for a job that it doesn't know. */
class Service implements StatusSource<string> {
  looks = 0;
  answer: string | Error = 'process';
  /** What a job's own summary says; the list's answer where it is not set. */
  summary: string | Error | undefined;
  /** What reading live figures does; nothing where it is not set. */
  live: (() => Promise<Partial<JobProgress>>) | undefined;
  /** Hears what the connection's transport would tell it. */
  readonly budget = new RequestBudget();

  look(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.looks += 1;
    const { answer } = this;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(new Map(answer === 'missing' ? [] : ids.map((id) => [id, answer])));
  }

  retryAfterMs(error: unknown): number | undefined {
    return error instanceof Busy ? error.retryAfterMs : undefined;
  }

  own(): Promise<string> {
    const said = this.summary ?? this.answer;
    if (said instanceof Busy) this.budget.answered('foreground', 429, said.retryAfterMs);
    return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
  }
}

class Wait {
  readonly attempt = new Attempt();
  ended: unknown;

  constructor(service: Service, watcher: Watcher<string>, id = 'a') {
    const job: WaitingJob<string, string> = {
      watcher,
      id,
      title: `job ${id}`,
      submittedAtMs: Date.now(),
      deadlineAtMs: Date.now() + 24 * hourMs,
      progressOf: (status) => ({ status }),
      async endOf(listed) {
        return listed === 'success' && (await service.own()) === 'success' ? 'success' : undefined;
      },
      stillThere: async () => {
        const said = await service.own();
        return said === 'missing' ? 'gone' : said;
      },
      live: () => service.live,
      isRefusal: (error) => error instanceof Refused,
    };
    const { environment } = this.attempt;
    environment
      .run(async () => {
        const session = new ActivitySession();
        try {
          return await waitForEnd(session, job);
        } finally {
          session.close();
        }
      })
      .then(
        (ended: unknown) => (this.ended = ended),
        (error: unknown) => (this.ended = error),
      );
  }

  get progress(): JobProgress {
    return this.attempt.beats.at(-1) as JobProgress;
  }

  async stop(): Promise<void> {
    this.attempt.environment.cancel('CANCELLED');
    await jest.advanceTimersByTimeAsync(minuteMs);
  }
}

function start(service: Service): Wait {
  return new Wait(service, new Watcher(service));
}

test('a service that is away for an hour ends no wait, and the checkpoint says since when', async () => {
  const service = new Service();
  const wait = start(service);
  await jest.advanceTimersByTimeAsync(minuteMs);
  service.answer = new Error('connect ECONNREFUSED');
  const awaySinceMs = Date.now();
  const before = service.looks;
  await jest.advanceTimersByTimeAsync(hourMs);
  expect(wait.ended).toBeUndefined();
  expect(wait.progress).toMatchObject({ status: 'process', lastError: 'connect ECONNREFUSED' });
  const failures = service.looks - before;
  expect(wait.progress.consecutiveErrors).toBeGreaterThan(failures - 10);
  expect(wait.progress.consecutiveErrors).toBeLessThanOrEqual(failures);
  expect((wait.progress.unreachableSinceMs ?? 0) - awaySinceMs).toBeLessThan(20_000);
  // It is left alone, but not forgotten.
  expect(service.looks - before).toBeGreaterThan(300);
  expect(service.looks - before).toBeLessThan(500);

  service.answer = 'process';
  await jest.advanceTimersByTimeAsync(minuteMs);
  expect(wait.progress).toMatchObject({ status: 'process', consecutiveErrors: 0 });
  expect(wait.progress.unreachableSinceMs).toBeUndefined();
  expect(wait.progress.lastError).toBeUndefined();

  service.answer = 'success';
  await jest.advanceTimersByTimeAsync(minuteMs);
  expect(wait.ended).toBe('success');
});

test('an outage is told with its beginning and its end, and no look that fails in between raises a heartbeat', async () => {
  const service = new Service();
  const wait = start(service);
  const { beats } = wait.attempt;
  const beatsIn = async (timeMs: number) => {
    const before = beats.length;
    await jest.advanceTimersByTimeAsync(timeMs);
    return beats.length - before;
  };
  await beatsIn(minuteMs);
  const usual = await beatsIn(hourMs);
  service.answer = new Error('connect ECONNREFUSED');
  await beatsIn(20_000);
  expect(wait.progress).toMatchObject({ consecutiveErrors: 1, lastError: 'connect ECONNREFUSED' });
  service.answer = new Error('connect ETIMEDOUT');
  expect(await beatsIn(hourMs)).toBeLessThanOrEqual(usual + 1);
  service.answer = 'process';
  await beatsIn(20_000);
  expect(wait.progress.unreachableSinceMs).toBeUndefined();
  await wait.stop();
});

test('live figures that fail say nothing of the service, which answers the looks', async () => {
  const service = new Service();
  const wait = start(service);
  const { beats } = wait.attempt;
  let reads = 0;
  service.live = () => {
    reads += 1;
    return Promise.reject(new Error('the entrance is busy'));
  };
  await jest.advanceTimersByTimeAsync(hourMs);
  expect(reads).toBeGreaterThan(100);
  for (const beat of beats as JobProgress[]) {
    expect(beat).toMatchObject({ status: expect.any(String), consecutiveErrors: 0 });
    expect(beat.unreachableSinceMs ?? beat.lastError).toBeUndefined();
  }
  await wait.stop();
});

test("a line of the list alone ends no wait: the job's own summary does", async () => {
  const service = new Service();
  const wait = start(service);
  service.answer = 'success';
  service.summary = 'process';
  await jest.advanceTimersByTimeAsync(hourMs);
  expect(wait.ended).toBeUndefined();
  service.summary = 'success';
  await jest.advanceTimersByTimeAsync(minuteMs);
  expect(wait.ended).toBe('success');
});

test('a job that the list leaves out is waited for as long as its own summary knows it', async () => {
  const service = new Service();
  const wait = start(service);
  service.answer = 'missing';
  service.summary = 'process';
  await jest.advanceTimersByTimeAsync(hourMs);
  expect(wait.ended).toBeUndefined();
  service.summary = 'success';
  await jest.advanceTimersByTimeAsync(minuteMs);
  expect(wait.ended).toBe('success');
});

test('a job that even its summary misses is given up after a minute, not before', async () => {
  const service = new Service();
  const wait = start(service);
  service.answer = 'missing';
  await jest.advanceTimersByTimeAsync(50_000);
  expect(wait.ended).toBeUndefined();
  service.answer = 'process';
  await jest.advanceTimersByTimeAsync(minuteMs);
  service.answer = 'missing';
  await jest.advanceTimersByTimeAsync(50_000);
  expect(wait.ended).toBeUndefined();
  await jest.advanceTimersByTimeAsync(minuteMs);
  expect(wait.ended).toMatchObject({ type: 'RemoteJob.NotFound', nonRetryable: true });
});

test('an outage between two looks that miss the job begins the count anew', async () => {
  const service = new Service();
  const wait = start(service);
  for (let round = 0; round < 20; round++) {
    service.answer = 'missing';
    await jest.advanceTimersByTimeAsync(30_000);
    service.answer = new Error('down');
    await jest.advanceTimersByTimeAsync(minuteMs);
  }
  expect(wait.ended).toBeUndefined();
  await wait.stop();
});

test('a credential that is refused for minutes, as while it is rotated, ends no wait', async () => {
  const service = new Service();
  const wait = start(service);
  service.answer = new Refused('token expired');
  await jest.advanceTimersByTimeAsync(4 * minuteMs);
  expect(wait.ended).toBeUndefined();
  service.answer = 'process';
  await jest.advanceTimersByTimeAsync(minuteMs);
  service.answer = new Refused('token expired');
  await jest.advanceTimersByTimeAsync(4 * minuteMs);
  expect(wait.ended).toBeUndefined();
  await jest.advanceTimersByTimeAsync(3 * minuteMs);
  expect(wait.ended).toBeInstanceOf(Refused);
});

test("one job's own call that is asked to wait leaves the service alone for all jobs of the connection", async () => {
  const service = new Service();
  const { budget } = service;
  const watcher = new Watcher(service, { budget });
  const other = new Watcher(service, { budget });
  const waits = ['a', 'b'].map((id) => new Wait(service, watcher, id));
  waits.push(new Wait(service, other, 'c'));
  await jest.advanceTimersByTimeAsync(minuteMs);
  service.answer = 'success';
  service.summary = new Busy(10 * minuteMs);
  await jest.advanceTimersByTimeAsync(minuteMs);
  const looks = service.looks;
  await jest.advanceTimersByTimeAsync(8 * minuteMs);
  expect(service.looks).toBe(looks);
  service.summary = undefined;
  await jest.advanceTimersByTimeAsync(3 * minuteMs);
  expect(waits.map(({ ended }) => ended)).toEqual(['success', 'success', 'success']);
});
