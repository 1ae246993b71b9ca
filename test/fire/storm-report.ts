import Table from 'cli-table3';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { endedAsLost, killOf, type Outcome } from './checks';
import type { RemoteJob } from './evidence';
import { say } from './report';
import type { StartedJob } from './scenarios';

export interface JudgedJob {
  readonly job: StartedJob;
  readonly outcome?: Outcome;
  readonly memo?: RemoteJobMemo;
  readonly remote: readonly RemoteJob[];
  /** A restart of the service took it. */
  readonly lost: boolean;
  readonly problems: readonly string[];
}

export interface Storm {
  readonly seed: number;
  readonly minutes: number;
  readonly judged: readonly JudgedJob[];
  /** Where a secret was found that shouldn't be there. */
  readonly leaks: readonly string[];
  /** Secrets, tokens and sessions that were looked for. */
  readonly secrets: number;
  readonly workerKills: number;
  readonly calls: number;
  readonly injected: ReadonlyMap<string, number>;
}

/** Prints what the storm did, what became of the jobs, and every problem. @returns the exit code */
export function stormSummary(storm: Storm): number {
  const { judged, leaks } = storm;
  say(table('Jobs by scenario', byScenario(judged)));
  say(table('What was done to them', whatWasDone(storm)));
  say(table('How it went', howItWent(storm)));
  const abandoned = judged.flatMap(({ job, outcome }) => {
    const kill = outcome && killOf(outcome);
    return kill?.outcome === 'abandoned' ? [`${job.marker} (${kill.remoteId ?? 'no job'})`] : [];
  });
  say(`Persist jobs abandoned on purpose: ${abandoned.join(', ') || 'none'}`);
  for (const { job, memo } of judged) {
    for (const { outcome, evidence } of memo?.twins ?? []) {
      if (outcome === 'unconfirmed') say(`A twin of ${job.marker}, unconfirmed: ${evidence}`);
    }
  }
  const failed = judged.filter(({ problems }) => problems.length > 0);
  for (const { job, problems, memo } of failed) {
    say(`WRONG ${job.workflowId} ${JSON.stringify(memo)}`);
    for (const problem of problems) say(`  ${problem}`);
  }
  for (const leak of leaks) say(`WRONG a secret stands in the ${leak}`);
  say(`Seed ${storm.seed}, ${storm.minutes.toFixed(1)} minutes`);
  const failures = failed.length + leaks.length;
  say(`${judged.length - failed.length} passed, ${failures} failed`);
  return failures === 0 ? 0 : 1;
}

function byScenario(judged: readonly JudgedJob[]): Rows {
  const rows = new Map<string, Map<string, number>>();
  for (const { job, outcome } of judged) {
    const ends = rows.get(job.scenario.name) ?? new Map<string, number>();
    const end = outcome?.kind ?? 'no end';
    rows.set(job.scenario.name, ends.set(end, (ends.get(end) ?? 0) + 1));
  }
  return [...rows].sort().map(([name, ends]) => [name, counted(ends)]);
}

function whatWasDone({ workerKills, calls, injected }: Storm): Rows {
  const faults = [...injected.values()].reduce((sum, count) => sum + count, 0);
  const share = ((100 * faults) / Math.max(1, calls)).toFixed(0);
  return [
    ['workers killed', workerKills],
    ['Temporal, SQLFlow, Linkis restarted', 'once each'],
    ['calls to the services', calls],
    [`faults injected (${share} %)`, `${faults}: ${counted(injected)}`],
  ];
}

function howItWent({ judged, leaks, secrets }: Storm): Rows {
  const count = (matches: (job: JudgedJob) => boolean | undefined) => judged.filter(matches).length;
  const problem = (words: RegExp) =>
    count(({ problems }) => problems.some((one) => words.test(one)));
  const twins = new Map<string, number>();
  for (const { memo } of judged) {
    for (const { outcome } of memo?.twins ?? []) twins.set(outcome, (twins.get(outcome) ?? 0) + 1);
  }
  return [
    ['adopted after a lost submit', count(({ memo }) => memo?.decision?.startsWith('adopted'))],
    ['twins found and dealt with', counted(twins) || 0],
    [
      'lost by the restart of Linkis',
      count(({ lost, outcome }) => lost && outcome && endedAsLost(outcome)),
    ],
    ['duplicates', problem(/^duplicate/)],
    ['orphans', problem(/^orphan/)],
    ['wrong ends', problem(/^ended as|^no end/)],
    ['logs with lines lost or doubled', problem(/log/)],
    ['results incomplete', problem(/differs|missing|is empty|rows/)],
    [`places with one of ${secrets} secrets`, leaks.length],
  ];
}

type Rows = readonly (readonly [string, string | number])[];

function table(title: string, rows: Rows): string {
  const made = new Table({
    head: [title, ''],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [44, 72],
  });
  for (const [name, value] of rows) made.push([name, value]);
  return made.toString();
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}
