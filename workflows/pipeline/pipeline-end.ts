import { ApplicationFailure, CancelledFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import type { KillReport } from '../../src/contracts/job';
import type {
  PipelineFailureReport,
  PipelineInput,
  PipelineResult,
} from '../../src/contracts/pipeline-steps';
import type { StepBoard } from './step-board';

/** Why a run was stopped before its end. */
export type PipelineStop = 'cancelled' | 'deadline';

/** Steps that a result names. */
const mostNamed = 50;

export function resultOf(
  { graph, retryOf }: PipelineInput,
  board: StepBoard,
  startedAtMs: number,
  endedAtMs: number,
): PipelineResult {
  const failed = [...board.standing('failed'), ...board.standing('cancelled')]
    .slice(0, mostNamed)
    .map(({ name, words = 'it failed', failureType }) => ({
      step: name,
      words: words.slice(0, 300),
      failureType,
    }));
  return { pipeline: graph.name, counts: board.counts(), startedAtMs, endedAtMs, retryOf, failed };
}

/**
 * Any failed step fails the run, also where another one was there to handle it: a handler tells of a
 * failure, it doesn't undo it.
 */
export function throwUnlessDone(
  result: PipelineResult,
  board: StepBoard,
  stopped: PipelineStop | undefined,
): void {
  const { failed, cancelled } = result.counts;
  if (stopped === 'cancelled') throw new CancelledFailure('the pipeline was cancelled');
  if (stopped === undefined && failed + cancelled === 0) return;
  const report: PipelineFailureReport = { pipeline: result, kill: unprovenKill(board) };
  throw ApplicationFailure.create({
    type: stopped === 'deadline' ? failureTypes.deadlineExceeded : failureTypes.pipelineFailed,
    message: failureWords(result, stopped).slice(0, 1000),
    nonRetryable: true,
    details: [report],
  });
}

function failureWords(
  { pipeline, counts, failed }: PipelineResult,
  stopped?: PipelineStop,
): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const bad = counts.failed + counts.cancelled;
  const what =
    stopped === 'deadline'
      ? `the time of the pipeline ${pipeline} was up with ${counts.succeeded + counts.reused} of ${all} steps done`
      : `${bad} of ${all} steps of the pipeline ${pipeline} did not succeed`;
  if (bad === 0) return what;
  const named = failed.slice(0, 5).map(({ step, words }) => `${step}: ${words.slice(0, 150)}`);
  const more = bad > named.length ? ` · and ${bad - named.length} more` : '';
  return `${what}: ${named.join(' · ')}${more}`;
}

/** Of a remote job that may run on. */
export function unprovenKill(board: StepBoard): KillReport | undefined {
  return [...board.standing('cancelled'), ...board.standing('failed')].find(
    ({ kill }) => kill?.outcome === 'unconfirmed',
  )?.kill;
}

/** What became of the remote jobs of a cancelled run, as one report. */
export function killOf(board: StepBoard): KillReport | undefined {
  const unproven = unprovenKill(board);
  if (unproven !== undefined) return unproven;
  const kills = board.standing('cancelled').flatMap(({ kill }) => (kill ? [kill] : []));
  const [first] = kills;
  if (first === undefined || kills.length === 1) return first;
  const counts = new Map<string, number>();
  for (const { outcome } of kills) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const told = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  return {
    outcome: first.outcome,
    evidence: `${kills.length} remote jobs: ${told}; each step tells its own evidence`,
  };
}
