import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly node: string;
  /** Of all cores, in the second before the start: what others take changes every figure. */
  readonly busyPercentBefore: number;
  readonly load1mBefore: number;
  /** The commit that was measured, where it can be known. */
  readonly commit?: string;
}

export async function describeMachine(): Promise<Machine> {
  const [first, ...others] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: others.length + 1,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
    busyPercentBefore: Math.round(await busyPercent()),
    load1mBefore: loadavg()[0] ?? NaN,
    commit: currentCommit(),
  };
}

async function busyPercent(): Promise<number> {
  const busySince = busyFromNow();
  await sleep(1000);
  return busySince();
}

/** What is asked later says for how much of the time since this call all cores together were busy, in percent. */
export function busyFromNow(): () => number {
  const before = ticks();
  return () => {
    const after = ticks();
    return 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
  };
}

function ticks(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((time) => Object.values(time))),
  };
}

function currentCommit(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: __dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
