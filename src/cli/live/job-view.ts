import type { JobDescription } from '../../starter/describe';
import { formatDuration } from '../durations';
import {
  outageWords,
  progressWords,
  remoteName,
  resourceWords,
  stageOf,
  type Stage,
} from '../job-words';
import { printableLine, textWidth } from '../text-width';
import { bar, barColumns } from './progress-bar';
import { refreshSteps } from './refresh-steps';
import { stepLines, type TreeRoom } from './step-tree';
import { timeLeftWords } from './time-left';

/** What is known besides the look at the job itself. */
export interface ShownJob {
  readonly job: JobDescription;
  /** What stands before a refresh in its chain's queue. */
  readonly queued?: string;
  /** Why it doesn't get on. */
  readonly trouble?: string;
  /** How long earlier runs of the same took, in milliseconds. */
  readonly usualMs?: number;
  /** The last lines of its log, in a block of their own. @default none */
  readonly log?: readonly string[];
  /** Those of a refresh that it was seen in, with when (epoch milliseconds). */
  readonly stages?: ReadonlyMap<Stage, number>;
}

/** A running job as some lines: what it is, how far, with what, and the end of its log. */
export function jobLines(shown: ShownJob, room: TreeRoom): string[] {
  const { job, trouble } = shown;
  const { yellow } = room.colors;
  const lines =
    job.refresh === undefined
      ? taskLines(shown, room)
      : [...headLines(shown, room, job.refresh.chain), ...refreshLines(shown, room)];
  const outage = job.progress && outageWords(job.progress, room.nowMs);
  if (outage !== undefined) lines.push(yellow(`  ${outage}`));
  else if (trouble !== undefined) lines.push(yellow(`  ${printableLine(trouble)}`));
  return [...lines, ...logLines(shown, room, lines.length)];
}

/** The bar stands first where there is one: it is what one looks for. */
function taskLines(shown: ShownJob, room: TreeRoom): string[] {
  const { job, queued } = shown;
  const stage = stageOf(job);
  const { progress } = job;
  if (stage !== 'waiting') return headLines(shown, room, queued ?? stage);
  if (progress === undefined) return headLines(shown, room, 'waiting for the first look at it');
  const [first = '', ...more] = progressWords({ ...progress, resources: undefined });
  const wide = barColumns(room.columns);
  const share =
    progress.progress === undefined || wide === 0 ? '' : `${bar(progress.progress, wide)} `;
  const lines = headLines(shown, room, `${share}${first}`);
  const figures = [...more, ...resourceWords(progress.resources)];
  return [...lines, ...wrapped(figures, room.columns)];
}

/** As many words in a line as it has room for. */
function wrapped(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ' '} · ${word}`;
    if (lines.length > 0 && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(`  ${word}`);
  }
  return lines;
}

function headLines({ job, usualMs }: ShownJob, room: TreeRoom, what: string): string[] {
  const startedAtMs = job.startedAt.getTime();
  const { nowMs, spinner } = room;
  const left = timeLeftWords(job.progress, { startedAtMs, nowMs, usualMs });
  const id = job.job?.remoteId;
  const words = [
    what,
    formatDuration(nowMs - startedAtMs),
    left,
    id && remoteName(job.job?.vendor, id),
  ];
  const [first = '', ...more] = wrapped(
    words.filter((part) => part !== undefined && part !== '') as string[],
    room.columns,
  );
  return [`${spinner} ${first.trimStart()}`, ...more];
}

function refreshLines(shown: ShownJob, room: TreeRoom): string[] {
  return stepLines(refreshSteps(shown), { ...room, columns: room.columns - 2 }).map(
    (line) => `  ${line}`,
  );
}

function logLines({ log = [] }: ShownJob, { colors, rows }: TreeRoom, taken: number): string[] {
  const free = Math.max(0, rows - taken - 1);
  const tail = free === 0 ? [] : log.slice(-free);
  return tail.map((line) => `  ${colors.dim(`│ ${printableLine(line)}`)}`);
}
