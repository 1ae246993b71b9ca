import { type Watcher, type Observation, type StatusSource } from '../../src/watch/watcher';

/** Hours pass in these tests, on a simulated clock, and chance falls the same way in each run. */
export function simulateTime(): void {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    jest.spyOn(Math, 'random').mockImplementation(chance(1));
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });
}

/** Marsaglia's xorshift. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface LookRecord {
  readonly atMs: number;
  readonly ids: readonly string[];
}

/** A service in simulated time that takes its time, answers for every job, and remembers its looks. */
export class Service implements StatusSource<string> {
  readonly looks: LookRecord[] = [];
  idsPerLook: number | undefined;
  tookMs = 0;
  underWay = 0;
  mostUnderWay = 0;
  /** What each look meets, where it is not answered. */
  failure: (ids: readonly string[]) => Error | 'hangs' | undefined = () => undefined;
  statusOf: (id: string) => string | undefined = () => 'running';

  async look(ids: readonly string[], _signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    this.looks.push({ atMs: performance.now(), ids: [...ids] });
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    if (this.tookMs > 0) await new Promise((resolve) => setTimeout(resolve, this.tookMs));
    const failure = this.failure(ids);
    if (failure === 'hangs') return new Promise(() => {});
    this.underWay -= 1;
    if (failure !== undefined) throw failure;
    const seen = new Map<string, string>();
    for (const id of ids) {
      const status = this.statusOf(id);
      if (status !== undefined) seen.set(id, status);
    }
    return seen;
  }

  /** When looks that asked for this job began. */
  looksAt(id: string): number[] {
    return this.looks.filter(({ ids }) => ids.includes(id)).map(({ atMs }) => atMs);
  }
}

/** Waits for a job until it is told that it has ended, and keeps what it was told. */
export class Wait {
  readonly told: Observation<string>[] = [];
  endedMs: number | undefined;
  left: unknown;
  private readonly leaving = new AbortController();

  constructor(
    watcher: Watcher<string>,
    readonly id: string,
    sinceMs = Date.now(),
    kind?: string,
  ) {
    void this.follow(watcher, sinceMs, kind);
  }

  get last(): Observation<string> | undefined {
    return this.told.at(-1);
  }

  get kinds(): string[] {
    return this.told.map(({ kind }) => kind);
  }

  leave(reason = new Error('left')): void {
    this.leaving.abort(reason);
  }

  private async follow(watcher: Watcher<string>, sinceMs: number, kind?: string): Promise<void> {
    const { signal } = this.leaving;
    try {
      for await (const seen of watcher.observe({ id: this.id, sinceMs, kind }, signal)) {
        this.told.push(seen);
        if (seen.kind !== 'seen' || seen.snapshot !== 'ended') continue;
        this.endedMs = performance.now();
        watcher.ended(this.id);
        return;
      }
    } catch (error) {
      this.left = error;
    }
  }
}

export function names(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `job-${number}`);
}

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;

export async function pass(timeMs: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(timeMs);
}
