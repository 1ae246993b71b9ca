import { quotaPace, type RequestQuota } from '../../watch/quota-credit';
import { figure } from '../quota-words';
import { typedDuration } from '../schedule-words';
import type { Finding } from './finding';

/** What a connection will be asked in a month, as far as schedules tell. */
export interface MonthAhead {
  readonly connection: string;
  readonly quota: RequestQuota;
  /** The quota in words. */
  readonly named: string;
  /** Scheduled runs in 30 days. */
  readonly runs: number;
  /** Calls of those runs, looks left out. */
  readonly runCalls: number;
  /** Workers that wait for jobs; each takes its share. */
  readonly workers: number;
}

const monthMs = 30 * 24 * 60 * 60_000;
/** How long a job takes is not known beforehand, in minutes. */
const assumedJobMinutes = 10;
/** At such a job that waits alone: often at first, each 15 s at last. */
const looksPerJob = 75;
/** Whoever is told later than that is hardly helped. */
const slowestLookMs = 15 * 60_000;

/** Whether a month's calls fit the quota, by what is known and what has to be assumed. */
export function forecast(ahead: MonthAhead): Finding {
  const { connection, quota, named, runs, runCalls, workers } = ahead;
  const { share = 1 } = quota;
  const check = `quota of ${connection}`;
  const setting = `connections.${connection}.quota`;
  if (workers * share > 1.01) {
    return {
      check,
      status: 'warning',
      found: `${named}: ${workers} workers wait for jobs, and together they may take ${figure(workers * share)} times that`,
      cure: `set ${setting} with "share: ${Math.max(0.01, Math.floor(100 / workers) / 100)}" where each of them runs`,
    };
  }
  const needed = `${figure(runs)} scheduled run(s) in the next 30 days need about ${figure(runCalls)} calls`;
  const wholeMonth = (quotaPace({ ...quota, share: 1 }).perDay * monthMs) / (24 * 60 * 60_000);
  const left = wholeMonth * Math.max(1, workers) * share - runCalls;
  const lookEveryMs = left > 0 ? monthMs / left : Infinity;
  if (lookEveryMs > slowestLookMs) {
    const problem = left > 0 ? 'which leaves hardly any for looks' : 'which is more';
    return {
      check,
      status: 'warning',
      found: `${named}: ${needed}, ${problem}`,
      cure: `schedule less often or more files at once, or set ${setting} to what the account's plan allows, such as { calls: 100000, per: day }`,
    };
  }
  const looks = runs * looksPerJob;
  const assumed = `${figure(looks)} looks, if each takes ${assumedJobMinutes} minutes`;
  const pace =
    looks <= left
      ? `and ${assumed}; that fits`
      : `and ${assumed}: more than ${figure(left)} that are left, so looks get slower, down to one each ${typedDuration(Math.ceil(lookEveryMs / 1000) * 1000)}`;
  return { check, status: 'ok', found: `${named}: ${needed}, ${pace}` };
}
