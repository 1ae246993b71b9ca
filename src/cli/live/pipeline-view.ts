import type { PipelineStepState } from '../../contracts/pipeline-run';
import { formatDuration } from '../durations';
import { printableLine } from '../text-width';
import type { PipelineView } from './pipeline-look';
import { pipelineSteps } from './pipeline-steps';
import { foldWords } from './folded-steps';
import { stepLines, type TreeRoom } from './step-tree';

/** A pipeline's run as a line for the whole and a line for each step that moves. */
export function pipelineLines(
  { state, progress }: PipelineView,
  room: TreeRoom,
  usualMs?: number,
): string[] {
  const steps = pipelineSteps(state.steps, progress);
  const words = [
    printableLine(state.name),
    foldWords(steps).replace(/^… /, ''),
    formatDuration((state.endedAtMs ?? room.nowMs) - state.startedAtMs),
    usualMs === undefined ? '' : `usually about ${formatDuration(usualMs)}`,
    state.standing === 'cancelling' ? 'cancelling, until the last job is proven dead' : '',
  ];
  const head = `${room.spinner} ${words.filter((part) => part !== '').join(' · ')}`;
  const tree = { ...room, columns: room.columns - 2, rows: room.rows - 1 };
  return [head, ...stepLines(steps, tree).map((line) => `  ${line}`)];
}

/** Without a terminal: a line for each step whose standing or attempt is another one than before. */
export function changedStepLines(
  steps: readonly PipelineStepState[],
  before: Map<string, string>,
): string[] {
  const lines: string[] = [];
  for (const step of steps) {
    const { name, standing, attempts, startedAtMs, endedAtMs, words } = step;
    const attempt = standing === 'running' && attempts !== undefined ? `, attempt ${attempts}` : '';
    if (before.get(name) === standing + attempt) continue;
    const isNews = standing !== 'waiting' && standing !== 'leftOut';
    before.set(name, standing + attempt);
    if (!isNews) continue;
    const took =
      endedAtMs === undefined || startedAtMs === undefined
        ? ''
        : ` after ${formatDuration(endedAtMs - startedAtMs)}`;
    const why = words === undefined ? '' : `: ${printableLine(words)}`;
    lines.push(`${printableLine(name)} ${standing}${attempt}${took}${why}`);
  }
  return lines;
}
