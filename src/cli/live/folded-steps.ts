import type { ShownStep, StepState } from './step-tree';

/** What a person wants to see first. Of what ended, the latest; of what is to come, the next. */
const ranks: Readonly<Record<StepState, number>> = {
  waiting: 0,
  failed: 1,
  running: 2,
  done: 3,
  cancelled: 3,
  pending: 4,
  skipped: 5,
};

/**
 * So many of the steps as fit into the rows, in their own order; `… 412 done, 3 skipped` stands for
 * a run of those left out.
 */
export function foldedSteps(
  steps: readonly ShownStep[],
  rows: number,
): readonly (ShownStep | string)[] {
  if (steps.length <= rows) return steps;
  const byRank = steps.map((_step, index) => index).sort((a, b) => compare(steps, a, b));
  for (let kept = Math.max(0, rows - 1); kept > 0; kept -= 1) {
    const lines = linesOf(steps, new Set(byRank.slice(0, kept)));
    if (lines.length <= rows) return lines;
  }
  return linesOf(steps, new Set()).slice(0, rows);
}

function compare(steps: readonly ShownStep[], a: number, b: number): number {
  const [one, other] = [steps[a], steps[b]];
  if (one === undefined || other === undefined) return a - b;
  const byRank = ranks[one.state] - ranks[other.state];
  return byRank || (other.endedAtMs ?? 0) - (one.endedAtMs ?? 0) || a - b;
}

function linesOf(
  steps: readonly ShownStep[],
  kept: ReadonlySet<number>,
): readonly (ShownStep | string)[] {
  const lines: (ShownStep | string)[] = [];
  let hidden: ShownStep[] = [];
  const fold = () => {
    if (hidden.length > 0) lines.push(foldWords(hidden));
    hidden = [];
  };
  for (const [index, step] of steps.entries()) {
    if (!kept.has(index)) hidden.push(step);
    else {
      fold();
      lines.push(step);
    }
  }
  fold();
  return lines;
}

/** `… 412 done, 3 skipped` */
export function foldWords(steps: readonly Pick<ShownStep, 'state'>[]): string {
  const counts = new Map<StepState, number>();
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1);
  return `… ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}`;
}
