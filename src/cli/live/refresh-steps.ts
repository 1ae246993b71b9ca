import { progressWords, stageOf, type Stage } from '../job-words';
import type { ShownJob } from './job-view';
import type { ShownStep } from './step-tree';

/** What every refresh goes through; others are shown once they are reached. */
const usual: readonly Stage[] = [
  'in the queue',
  'comparing files',
  'submitting',
  'waiting',
  'fetching',
  'comparing lineage',
];
/** After the usual ones, in this order. */
const sometimes: readonly Stage[] = [
  'waiting for approval',
  'publishing',
  'withdrawing',
  'killing',
  'closing',
];

/** The parts of a chain's refresh as steps: done are those that another has followed. */
export function refreshSteps({ job, queued, stages }: ShownJob): readonly ShownStep[] {
  const now = stageOf(job);
  const seen = stages ?? new Map<Stage, number>();
  // What a cancel cut short never comes.
  const cut = now === 'withdrawing' || now === 'killing';
  const all = [
    ...(now === 'waiting for a worker' ? [now] : []),
    ...(cut ? usual.filter((stage) => seen.has(stage)) : usual),
    ...sometimes.filter((stage) => stage === now || (seen.has(stage) && stage !== 'closing')),
  ];
  // A moment between two parts looks like the end.
  const isBetween = now === 'closing' && !seen.has('comparing lineage');
  const order = isBetween ? all.filter((stage) => stage !== 'closing') : all;
  const at = isBetween ? order.findLastIndex((stage) => seen.has(stage)) + 1 : order.indexOf(now);
  return order.map((stage, index): ShownStep => {
    const name = partNames[stage] ?? stage;
    if (index < at) return { name, state: 'done', ...timesOf(stage, order[index + 1], seen) };
    if (index > at || isBetween) return { name, state: 'pending' };
    return { name, ...currentStep(now, job, seen, queued) };
  });
}

const partNames: Partial<Record<Stage, string>> = {
  'in the queue': 'its turn',
  waiting: 'SQLFlow works',
};

function currentStep(
  stage: Stage,
  { progress }: ShownJob['job'],
  seen: ReadonlyMap<Stage, number>,
  queued: string | undefined,
): Omit<ShownStep, 'name'> {
  const isAsked = stage === 'waiting for approval';
  const figures =
    stage === 'waiting' && progress !== undefined
      ? progressWords({ ...progress, progress: undefined }).join(' · ')
      : undefined;
  return {
    state: isAsked || stage === 'waiting for a worker' ? 'waiting' : 'running',
    startedAtMs: seen.get(stage),
    share: stage === 'waiting' ? progress?.progress : undefined,
    words: stage === 'in the queue' ? queued : figures,
  };
}

/** Known only where both its begin and that of the next were seen. */
function timesOf(
  stage: Stage,
  next: Stage | undefined,
  seen: ReadonlyMap<Stage, number>,
): Pick<ShownStep, 'startedAtMs' | 'endedAtMs'> {
  const endedAtMs = next === undefined ? undefined : seen.get(next);
  return endedAtMs === undefined ? {} : { startedAtMs: seen.get(stage), endedAtMs };
}
