import type { PipelineStepStanding, PipelineStepState } from '../../contracts/pipeline-run';
import type { JobProgress } from '../../contracts/job';
import { progressWords } from '../job-words';
import { printableLine } from '../text-width';
import type { ShownStep, StepState } from './step-tree';

const states: Readonly<Record<PipelineStepStanding, StepState>> = {
  waiting: 'pending',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
  reused: 'done',
  leftOut: 'skipped',
};

/** @param progress of those steps that run, by their names */
export function pipelineSteps(
  steps: readonly PipelineStepState[],
  progress: ReadonlyMap<string, JobProgress> = new Map(),
): readonly ShownStep[] {
  return steps.map((step) => {
    const seen = step.standing === 'running' ? progress.get(step.name) : undefined;
    const isAsked = step.kind === 'approval' && step.standing === 'running';
    return {
      name: printableLine(step.name),
      state: isAsked ? 'waiting' : states[step.standing],
      startedAtMs: step.startedAtMs,
      endedAtMs: step.endedAtMs,
      share: seen?.progress,
      words: wordsOf(step, seen),
    };
  });
}

function wordsOf(step: PipelineStepState, seen: JobProgress | undefined): string | undefined {
  const { kind, standing, attempts, words, kill } = step;
  if (kind === 'approval' && standing === 'running') return 'waits for an approval';
  const told = [
    standing === 'reused' ? 'from the run before' : standing === 'leftOut' ? 'left out' : '',
    attempts === undefined ? '' : `attempt ${attempts}`,
    seen === undefined ? '' : progressWords({ ...seen, progress: undefined }).join(' · '),
    words === undefined ? '' : printableLine(words),
    kill === undefined ? '' : `kill ${kill.outcome}`,
  ].filter((part) => part !== '');
  return told.length === 0 ? undefined : told.join(' · ');
}
