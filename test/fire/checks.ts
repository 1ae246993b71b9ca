import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { failureTypes } from '../../src/contracts/failure-types';
import type { RefreshOutcome } from '../../src/contracts/chain';
import type { KillReport } from '../../src/contracts/job';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import type { JobOutcome } from '../../src/starter/outcome';
import { refreshResult } from './chain-checks';
import { linkisLog, type RemoteJob } from './evidence';
import { numberedLines, resultRows, type Scenario, type StartedJob } from './scenarios';
import type { Stage } from './stage';

export type Result = LinkisTaskResult | SqlFlowJobResult | RefreshOutcome;
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
  /**
   * Where a request can take effect long after its client gave up: other jobs of the submission that
   * the workflow says it found. Undefined where there can't be any.
   */
  readonly twins?: readonly KillReport[];
  /** What a restart of the service left of it has no end that anybody could wait for. @default false */
  readonly lost?: boolean;
}

/** Everything that isn't as promised, each in a sentence; empty for a job without a fault. */
export async function findProblems(
  stage: Stage,
  job: StartedJob,
  evidence: Evidence,
): Promise<string[]> {
  const { scenario } = job;
  const { outcome, remote } = evidence;
  const problems = [...wrongEnd(scenario, evidence), ...wrongCount(scenario, evidence)];
  if (scenario.end !== 'abandoned' && evidence.lost !== true) {
    const orphans = remote.filter(({ ended }) => !ended);
    problems.push(...orphans.map(({ id, status }) => `orphan: ${id} is still ${status}`));
  }
  if (outcome.kind !== 'succeeded') return problems;
  const left = await deliverablesOf(stage, outcome.result);
  problems.push(...wrongDeliverables(left, evidence.expected));
  if (isLinkis(outcome.result)) {
    const { taskId } = outcome.result;
    const [own] = remote.filter(({ id }) => id === taskId);
    problems.push(...(await wrongLog(stage, outcome.result, own, evidence.followed)));
  }
  return problems;
}

/** Reads back all that the result refers to, and proves its size and hash on the way. */
export async function deliverablesOf(stage: Stage, result: Result): Promise<Deliverables> {
  const refs = isLinkis(result)
    ? result.results.map((set) => [`result ${set.index}`, set] as const)
    : Object.entries('vendor' in result ? result.lineage : await lineageOf(stage, result));
  const left: Record<string, string> = {};
  for (const [name, ref] of refs) {
    const content = await read(stage, ref);
    left[name] = /^(json|diff)/.test(name) ? withoutIds(content) : content;
    if (isLinkis(result)) left[`${name} rows`] = String(ref.rows);
  }
  return left;
}

function isLinkis(result: Result): result is LinkisTaskResult {
  return 'vendor' in result && result.vendor === 'linkis';
}

/** What a refresh leaves for others to read; its picture and its result tell the time. */
async function lineageOf(stage: Stage, outcome: RefreshOutcome) {
  const { json, csv, graphml, diffJson, diffMarkdown } = (await refreshResult(stage, outcome))
    .artifacts;
  const all = { json, csv, graphml, diffJson, diffMarkdown };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, ref]) => (ref ? [[name, ref]] : [])),
  );
}

function wrongEnd({ end }: Scenario, { outcome, lost = false }: Evidence): string[] {
  if (lost && endedAsLost(outcome)) return [];
  const wanted = end === 'abandoned' ? 'cancelled' : end;
  if (outcome.kind !== wanted) {
    return [`ended as ${outcome.kind}, not ${wanted}: ${wordsOf(outcome)}`];
  }
  if (end === 'succeeded' || end === 'failed') return [];
  const kill = killOf(outcome);
  if (kill === undefined) return ['no kill report'];
  const proven =
    end === 'abandoned'
      ? ['abandoned', 'alreadyFinished', 'nothingToKill']
      : ['confirmed', 'removed', 'alreadyFinished', 'nothingToKill'];
  // A forced kill of a task that no entrance holds proves nothing, and must say so.
  if (lost) proven.push('unconfirmed');
  return proven.includes(kill.outcome) ? [] : [`kill ${kill.outcome}: ${kill.evidence}`];
}

/** A task whose entrance went away: said to be lost, or cancelled by the service's shutdown. */
export function endedAsLost(outcome: Outcome): boolean {
  const ends: readonly unknown[] = [failureTypes.lost, failureTypes.cancelledRemotely];
  return outcome.kind === 'failed' && ends.includes(outcome.type);
}

/** One submission, one remote job; where it is ended early, at most one. */
function wrongCount(scenario: Scenario, { outcome, remote, twins }: Evidence): string[] {
  const noticed = (id: string) => twins?.some(({ remoteId }) => remoteId === id) ?? false;
  const own = remote.filter(({ id }) => !noticed(id));
  if (own.length > 1) {
    return [`duplicate: ${own.map(({ id, status }) => `${id} ${status}`).join(', ')}`];
  }
  const [job] = own;
  if (scenario.end !== 'succeeded' && scenario.end !== 'failed') {
    const nothing = killOf(outcome)?.outcome === 'nothingToKill' && job !== undefined;
    return nothing ? [`kill nothingToKill, but the service has ${job.id} ${job.status}`] : [];
  }
  if (job === undefined) return ['no remote job'];
  if (scenario.vendor !== 'sqlflow' || outcome.kind !== 'succeeded') return [];
  // A late request to a persist job adds one more run to the same job.
  const right = twins === undefined ? job.runs === scenario.runs : job.runs >= scenario.runs;
  return right ? [] : [`the job ran ${job.runs} times, not ${scenario.runs}`];
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

/** Lineage names its job and session, a diff its chain: no two runs share them. */
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
