import type { Client } from '@temporalio/client';
import type { RemoteJobsConfig } from '../../config/load';
import { quotaOf } from '../../config/quota';
import type { Vendor } from '../../contracts/names';
import type { ScheduleDefinition, ScheduledRun } from '../../contracts/schedule';
import { matchingTimes } from '../../starter/schedule-control';
import { listSchedules, readSchedule } from '../../starter/schedule-standing';
import { findWorkers } from '../../starter/workers';
import { count } from '../preview';
import { quotaWords } from '../quota-words';
import { words, type Finding } from './finding';
import { forecast } from './quota-forecast';

const monthMs = 30 * 24 * 60 * 60_000;

/** Counted at the local services, looks left out: submit, end, all exports, log and one result. */
const callsPerRun: Readonly<Record<ScheduledRun['type'], number>> = {
  sqlflowJob: 6,
  sqlflowPersistJob: 7,
  chainRefresh: 7,
  linkisTask: 12,
};

interface Planned {
  readonly run: ScheduleDefinition['run'];
  readonly timesAMonth: number;
}

/** Of each connection that has a quota: whether what is scheduled fits into it. */
export async function checkQuotas(
  { connections, defaults }: Pick<RemoteJobsConfig, 'connections' | 'defaults'>,
  client: Client,
  taskQueue: string,
): Promise<Finding[]> {
  const limited = Object.entries(connections).filter(([, one]) => quotaOf(one) !== undefined);
  if (limited.length === 0) return [];
  const only = (vendor: Vendor) => {
    const names = Object.keys(connections).filter((name) => connections[name]?.type === vendor);
    return names.length === 1 ? names[0] : defaults[vendor];
  };
  try {
    const planned = await plannedRuns(client, taskQueue);
    const { waiting: workers } = await findWorkers(client, taskQueue);
    const findings = limited.flatMap(([connection, settings]) => {
      const quota = quotaOf(settings);
      const named = quotaWords(settings);
      if (quota === undefined || named === undefined) return [];
      let [runs, runCalls] = [0, 0];
      for (const { run, timesAMonth } of planned) {
        if (run.type === 'pipeline') continue;
        if (connectionOf(run, only) !== connection) continue;
        runs += timesAMonth;
        runCalls += timesAMonth * callsPerRun[run.type];
      }
      return [forecast({ connection, quota, named, runs, runCalls, workers })];
    });
    return [...findings, ...uncounted(planned)];
  } catch (error) {
    const found = `what is scheduled can't be read: ${words(error)}`;
    return [
      { check: 'quota', status: 'warning', found, cure: 'try again, or mend Temporal first' },
    ];
  }
}

/** How many calls a pipeline makes is for its file to say, which lies with the worker. */
function uncounted(planned: readonly Planned[]): Finding[] {
  const pipelines = planned.filter(({ run }) => run.type === 'pipeline');
  if (pipelines.length === 0) return [];
  const runs = pipelines.reduce((sum, { timesAMonth }) => sum + timesAMonth, 0);
  const found = `${count(pipelines.length, 'scheduled pipeline')} with ${count(runs, 'run')} in the next 30 days left out: their calls, which only their files tell, come on top`;
  return [{ check: 'quota of pipelines', status: 'ok', found }];
}

function connectionOf(
  run: ScheduledRun,
  only: (vendor: Vendor) => string | undefined,
): string | undefined {
  if (run.type === 'chainRefresh') return run.refresh.connection;
  return run.job.connection ?? only(run.type === 'linkisTask' ? 'linkis' : 'sqlflow');
}

/** What the schedules of this task queue will begin in the next 30 days. */
async function plannedRuns(client: Client, taskQueue: string): Promise<readonly Planned[]> {
  const found: Planned[] = [];
  for await (const { installation, name, kind, paused } of listSchedules(client)) {
    if (kind !== 'runs' || paused) continue;
    const target = { installation, name };
    const setting = await readSchedule(client, target);
    if (setting.taskQueue !== taskQueue) continue;
    const from = new Date();
    const to = new Date(from.getTime() + monthMs);
    const times = await matchingTimes(client, target, { from, to });
    found.push({ run: setting.definition.run, timesAMonth: timesAMonth(times, from, to) });
  }
  return found;
}

/** Temporal lists a thousand times; the rest of the month is taken to be like them. */
function timesAMonth(times: readonly Date[], from: Date, to: Date): number {
  const last = times.at(-1);
  if (times.length < 1000 || last === undefined) return times.length;
  const listedMs = last.getTime() - from.getTime();
  return Math.round((times.length * (to.getTime() - from.getTime())) / listedMs);
}
