import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { KillReport } from '../../src/contracts/job';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import type { JobOutcome } from '../../src/starter/outcome';
import { linkisLog, type RemoteJob } from './evidence';
import { numberedLines, resultRows, type Scenario, type StartedJob } from './scenarios';
import type { Stage } from './stage';

export type Result = LinkisTaskResult | SqlFlowJobResult;
export type Outcome = JobOutcome<Result>;

/** What a job left to its owner, by name: the same from every run of a scenario. */
export type Deliverables = Readonly<Record<string, string>>;

export interface Evidence {
  readonly outcome: Outcome;
  /** The remote jobs that bear the job's marker, asked after the workflow had closed. */
  readonly remote: readonly RemoteJob[];
  /** Log lines as somebody saw them who followed the job, over all crashes. */
  readonly followed: readonly string[];
  /** What a run without any fault left; undefined in that run itself. */
  readonly expected?: Deliverables;
  /** Whether a job that was made twice may show, if the extra one is ended. @default false */
  readonly removedTwins?: boolean;
}

/** Everything that isn't as promised, each in a sentence; empty for a job without a fault. */
export async function findProblems(
  stage: Stage,
  job: StartedJob,
  evidence: Evidence,
): Promise<string[]> {
  const { scenario } = job;
  const { outcome, remote } = evidence;
  const problems = [...wrongEnd(scenario, outcome), ...wrongCount(scenario, evidence)];
  if (scenario.end !== 'abandoned') {
    const orphans = remote.filter(({ ended }) => !ended);
    problems.push(...orphans.map(({ id, status }) => `orphan: ${id} is still ${status}`));
  }
  if (outcome.kind !== 'succeeded') return problems;
  const left = await deliverablesOf(stage, outcome.result);
  problems.push(...wrongDeliverables(left, evidence.expected));
  if (outcome.result.vendor === 'linkis') {
    const [own] = remote.filter(({ id }) => id === (outcome.result as LinkisTaskResult).taskId);
    problems.push(...(await wrongLog(stage, outcome.result, own, evidence.followed)));
  }
  return problems;
}

/** Reads back all that the result refers to, and proves its size and hash on the way. */
export async function deliverablesOf(stage: Stage, result: Result): Promise<Deliverables> {
  const refs =
    result.vendor === 'sqlflow'
      ? Object.entries(result.lineage)
      : result.results.map((set) => [`result ${set.index}`, set] as const);
  const left: Record<string, string> = {};
  for (const [name, ref] of refs) {
    const content = await read(stage, ref);
    left[name] = name === 'json' ? withoutIds(content) : content;
    if (result.vendor === 'linkis') left[`${name} rows`] = String(ref.rows);
  }
  return left;
}

function wrongEnd({ end }: Scenario, outcome: Outcome): string[] {
  const wanted = end === 'abandoned' ? 'cancelled' : end;
  if (outcome.kind !== wanted) {
    return [`ended as ${outcome.kind}, not ${wanted}: ${wordsOf(outcome)}`];
  }
  if (end === 'cancelled' || end === 'deadline') {
    const kill = killOf(outcome);
    const proven = ['confirmed', 'removed', 'alreadyFinished', 'nothingToKill'];
    if (kill === undefined) return ['no kill report'];
    if (!proven.includes(kill.outcome)) return [`kill ${kill.outcome}: ${kill.evidence}`];
  }
  if (end === 'abandoned' && !['abandoned', 'nothingToKill'].includes(killOf(outcome)?.outcome ?? '')) {
    return [`kill ${killOf(outcome)?.outcome ?? 'not reported'} of a persist job`];
  }
  return [];
}

/** One submission, one remote job: in a cancelled run, at most one; none of a removed SQLFlow job. */
function wrongCount(scenario: Scenario, { outcome, remote, removedTwins }: Evidence): string[] {
  const twins = removedTwins
    ? remote.filter(({ status }) => !['Cancelled', 'delete'].includes(status))
    : remote;
  const atLeast = scenario.end === 'succeeded' || scenario.end === 'failed' ? 1 : 0;
  if (twins.length > 1) {
    return [`duplicate: ${twins.map(({ id, status }) => `${id} ${status}`).join(', ')}`];
  }
  if (twins.length < atLeast) return ['no remote job'];
  const kill = killOf(outcome);
  if (kill?.outcome === 'nothingToKill' && twins.length > 0) {
    return [`kill nothingToKill, but the service has ${twins[0]?.id} ${twins[0]?.status}`];
  }
  const { runs = 0 } = twins[0] ?? {};
  if (scenario.vendor === 'sqlflow' && outcome.kind === 'succeeded' && runs !== scenario.runs) {
    return [`the job ran ${runs} times, not ${scenario.runs}`];
  }
  return [];
}

function wrongDeliverables(left: Deliverables, expected: Deliverables | undefined): string[] {
  const names = new Set([...Object.keys(left), ...Object.keys(expected ?? {})]);
  if (names.size === 0) return ['nothing was delivered'];
  return [...names].flatMap((name) => {
    const found = left[name];
    if (found === undefined) return [`${name} is missing`];
    if (found === '') return [`${name} is empty`];
    if (name.endsWith(' rows') && found !== String(resultRows)) return [`${name}: ${found}`];
    if (expected === undefined || found === expected[name]) return [];
    return [`${name} differs from the run without faults`];
  });
}

async function wrongLog(
  stage: Stage,
  { log }: LinkisTaskResult,
  task: RemoteJob | undefined,
  followed: readonly string[],
): Promise<string[]> {
  if (log === undefined) return ['no log'];
  const lines = (await read(stage, log)).trimEnd().split('\n');
  const problems = [];
  if (lines.length !== log.lines) problems.push(`log: ${lines.length} lines, said ${log.lines}`);
  const numbers = lines.flatMap((line) => {
    const found = /INFO statement \d+ of \d+: set line = (\d+)$/.exec(line)?.[1];
    return found === undefined ? [] : [Number(found)];
  });
  const wanted = Array.from({ length: numberedLines }, (_, index) => index + 1);
  if (numbers.join() !== wanted.join()) {
    problems.push(`log (${log.source}): its numbered lines are ${numbers.join()}`);
  }
  if (task?.logPath !== undefined) {
    const own = (await linkisLog(stage.linkisUrl, task.logPath)).join('\n').trimEnd().split('\n');
    const at = firstDifference(lines, own);
    if (at !== undefined) {
      problems.push(
        `log (${log.source}): ${lines.length} lines, the service has ${own.length}; line ${at + 1} is "${lines[at]}", there "${own[at]}"`,
      );
    }
    const seen = firstDifference(followed, own.slice(0, followed.length));
    if (seen !== undefined) {
      problems.push(
        `followed log: line ${seen + 1} of ${followed.length} is "${followed[seen]}", the service has "${own[seen]}"`,
      );
    }
  }
  return problems;
}

function firstDifference(some: readonly string[], others: readonly string[]): number | undefined {
  const length = Math.max(some.length, others.length);
  for (let index = 0; index < length; index += 1) if (some[index] !== others[index]) return index;
  return undefined;
}

async function read(stage: Stage, ref: ArtifactRef): Promise<string> {
  const content = await text(await stage.store.open(ref.uri, new AbortController().signal));
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== ref.sha256 || Buffer.byteLength(content) !== ref.sizeBytes) {
    throw new Error(`${ref.uri} isn't what its reference says`);
  }
  return content;
}

/** Lineage names its job and session, which no two runs share. */
function withoutIds(json: string): string {
  return json.replaceAll(/\b[0-9a-f]{32,64}(_\d+)?\b/g, '…').replaceAll(/fire-\d+[\w-]*/g, '…');
}

export function killOf(outcome: Outcome): KillReport | undefined {
  if (outcome.kind === 'cancelled') return outcome.kill;
  return 'report' in outcome ? outcome.report?.kill : undefined;
}

export function wordsOf(outcome: Outcome): string {
  if (outcome.kind === 'cancelled') return killOf(outcome)?.evidence ?? '';
  return 'message' in outcome ? outcome.message : '';
}
