import { Watcher, type StatusSource } from '../../src/watch/watcher';
import { minuteMs, pass, secondMs, simulateTime } from './support';

/**
 * Not a test: the figures of docs/decisions/0021-how-the-watcher-paces.md.
 *
 *     npx jest --testMatch '<rootDir>/test/watch/simulation.bench.ts'
 */
simulateTime();

interface Case {
  readonly name: string;
  readonly jobs: number;
  readonly idsPerLook?: number;
  /** What one look takes. */
  readonly tookMs: number;
  readonly knows?: 'progress' | 'kind';
}

interface Seen {
  readonly ended: boolean;
  readonly progress: number;
}

const kinds = 10;
const list = { tookMs: 300 };
const thirty = { idsPerLook: 30, tookMs: 50 };

const cases: readonly Case[] = [
  { name: 'one look for all', jobs: 1, ...list },
  { name: 'one look for all', jobs: 10, ...list },
  { name: 'one look for all', jobs: 100, ...list },
  { name: 'one look for all', jobs: 1000, ...list },
  { name: 'one look for all', jobs: 10_000, ...list },
  { name: 'one look for all, of 2 s', jobs: 10_000, tookMs: 2000 },
  { name: 'looks of 30', jobs: 10, ...thirty },
  { name: 'looks of 30', jobs: 100, ...thirty },
  { name: 'looks of 30', jobs: 1000, ...thirty },
  { name: 'looks of 30, kinds known', jobs: 1000, knows: 'kind', ...thirty },
  { name: 'looks of 30, progress known', jobs: 1000, knows: 'progress', ...thirty },
  { name: 'looks of 30', jobs: 10_000, ...thirty },
  { name: 'looks of 30, progress known', jobs: 10_000, knows: 'progress', ...thirty },
];

test.each(cases)(
  '$name: $jobs jobs',
  async ({ name, jobs, idsPerLook, tookMs, knows }) => {
    const spans = new Map<string, { readonly fromMs: number; readonly toMs: number }>();
    let requests = 0;
    const source: StatusSource<Seen> = {
      idsPerLook,
      progressOf: knows === 'progress' ? ({ progress }) => progress : undefined,
      sameAs: (one, other) => one.ended === other.ended,
      async look(ids) {
        requests += 1;
        await new Promise((resolve) => setTimeout(resolve, tookMs));
        const nowMs = performance.now();
        return new Map(
          ids.map((id) => {
            const { fromMs = 0, toMs = 0 } = spans.get(id) ?? {};
            const progress = Math.min(1, (nowMs - fromMs) / (toMs - fromMs));
            return [id, { ended: nowMs >= toMs, progress }];
          }),
        );
      },
    };
    const watcher = new Watcher(source);
    const delaysMs: number[] = [];
    const wait = async (id: string, kind: string, lengthMs: number) => {
      const fromMs = performance.now();
      const toMs = fromMs + lengthMs;
      spans.set(id, { fromMs, toMs });
      const job = { id, sinceMs: Date.now(), kind: knows === 'kind' ? kind : undefined };
      for await (const seen of watcher.observe(job, new AbortController().signal)) {
        if (seen.kind === 'seen' && seen.snapshot.ended) break;
      }
      delaysMs.push(performance.now() - toMs);
    };
    const begin = (round: string, count: number) => {
      for (let number = 0; number < count; number++) {
        const kind = number % kinds;
        // From one minute to twenty, by kind, and a twentieth either way.
        const lengthMs = (1 + kind * 2.1) * minuteMs * (0.95 + (0.1 * ((number * 31) % 97)) / 97);
        void wait(`${round}-${number}`, `kind-${kind}`, lengthMs);
      }
    };
    if (knows === 'kind') {
      begin('before', 10 * kinds);
      while (watcher.size > 0) await pass(secondMs);
      delaysMs.length = 0;
    }
    requests = 0;
    const fromMs = performance.now();
    begin('job', jobs);
    while (watcher.size > 0) await pass(secondMs);
    const perSecond = (requests * 1000) / (performance.now() - fromMs);
    delaysMs.sort((a, b) => a - b);
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) =>
      ((delaysMs[Math.ceil(share * jobs) - 1] ?? NaN) / 1000).toFixed(1),
    );
    process.stdout.write(
      `| ${name} | ${jobs} | ${perSecond.toFixed(2)} | ${p50} s | ${p95} s | ${most} s |\n`,
    );
  },
  30 * minuteMs,
);
