import { formatDuration } from '../durations';
import type { Colors } from '../output';
import { padWidth, textWidth } from '../text-width';
import { foldedSteps } from './folded-steps';
import { bar, barColumns } from './progress-bar';

export type StepState =
  'pending' | 'running' | 'waiting' | 'done' | 'failed' | 'skipped' | 'cancelled';

/** One line of a tree: a step of a pipeline, a part of a refresh. */
export interface ShownStep {
  readonly name: string;
  readonly state: StepState;
  /** Epoch milliseconds. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** 0 to 1; draws a bar while it runs. */
  readonly share?: number;
  /** What there is to say of it: figures while it runs, the failure after. One line, printable. */
  readonly words?: string;
}

export interface TreeRoom {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** What turns for whatever runs. */
  readonly spinner: string;
  readonly colors: Colors;
}

const signs: Readonly<Record<Exclude<StepState, 'running'>, string>> = {
  pending: '·',
  waiting: '⏸',
  done: '✔',
  failed: '✖',
  skipped: '-',
  cancelled: '⊘',
};

/** Longest of the words for a state. */
const stateColumns = 9;

/** Steps in their own order, a line each; what doesn't move is folded where there are too many. */
export function stepLines(steps: readonly ShownStep[], room: TreeRoom): string[] {
  const shown = foldedSteps(steps, room.rows);
  const widest = steps.reduce((most, { name }) => Math.max(most, textWidth(name)), 0);
  const nameColumns = Math.min(widest, Math.max(8, Math.floor(room.columns / 3)));
  return shown.map((line) =>
    typeof line === 'string' ? room.colors.dim(`  ${line}`) : stepLine(line, nameColumns, room),
  );
}

function stepLine(step: ShownStep, nameColumns: number, room: TreeRoom): string {
  const { state, startedAtMs, share, words } = step;
  const { colors, nowMs, columns } = room;
  const sign = state === 'running' ? room.spinner : signs[state];
  const paint = painters(colors)[state];
  const parts = [`${paint(sign)} ${padWidth(step.name, nameColumns)}`];
  // The sign says it too; a narrow terminal needs the room for what it can't say.
  if (columns >= 60) parts.push(paint(state.padEnd(stateColumns)));
  if (startedAtMs !== undefined) {
    const took = formatDuration((step.endedAtMs ?? nowMs) - startedAtMs);
    parts.push(took.padStart(7));
  } else if (words) parts.push(' '.repeat(7));
  // Of what the state and the times leave: the words want some of it too.
  const wide = barColumns(columns - nameColumns - stateColumns - 15);
  if (state === 'running' && share !== undefined) {
    const percent = `${Math.floor(share * 100)}%`;
    parts.push(wide === 0 ? percent : `${bar(share, wide)} ${percent}`);
  }
  if (words) parts.push(words);
  return parts.join(' ').trimEnd();
}

function painters({ green, red, yellow, cyan, dim }: Colors): Record<StepState, Painter> {
  return {
    pending: dim,
    running: cyan,
    waiting: yellow,
    done: green,
    failed: red,
    skipped: dim,
    cancelled: yellow,
  };
}

type Painter = (text: string) => string;
