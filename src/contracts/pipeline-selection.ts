import type { Mistake } from './findings';
import type { PipelineGraph } from './pipeline-steps';

/** Which steps of a pipeline run; both together: what either names. */
export interface StepSelection {
  /** These alone. */
  readonly only?: readonly string[];
  /** These, and every step that needs one of them, however indirectly. */
  readonly from?: readonly string[];
}

/**
 * The steps that a selection leaves out; none where nothing is selected. Who needs a step that is
 * left out begins as if it had succeeded, so none may read what it would have left.
 */
export function leftOutBy(
  { steps }: PipelineGraph,
  { only = [], from = [] }: StepSelection,
): { readonly leftOut: readonly string[]; readonly mistakes: readonly Mistake[] } {
  if (only.length === 0 && from.length === 0) return { leftOut: [], mistakes: [] };
  const names = new Set(steps.map(({ name }) => name));
  const mistakes: Mistake[] = [...only, ...from]
    .filter((name) => !names.has(name))
    .map((name) => ({ field: name, problem: 'is no step of the pipeline' }));
  const chosen = new Set(only);
  for (const name of withDependants(steps, from)) chosen.add(name);
  const leftOut = steps.filter(({ name }) => !chosen.has(name)).map(({ name }) => name);
  for (const { name, uses = [] } of steps) {
    if (!chosen.has(name)) continue;
    for (const used of uses) {
      if (chosen.has(used)) continue;
      mistakes.push({
        field: name,
        problem: `reads an output of ${used}, which would be left out; select ${used} too, or retry a run in which it succeeded`,
      });
    }
  }
  return { leftOut, mistakes };
}

/** These steps and whatever needs them, however indirectly. */
export function withDependants(
  steps: Parameters<typeof dependantsOf>[0],
  from: Iterable<string>,
): Set<string> {
  const dependants = dependantsOf(steps);
  const found = new Set(from);
  // A set's iteration goes on to what is added meanwhile.
  for (const name of found) for (const next of dependants.get(name) ?? []) found.add(next);
  return found;
}

/** The steps that need each step. */
export function dependantsOf(
  steps: readonly { readonly name: string; readonly needs: readonly string[] }[],
): ReadonlyMap<string, readonly string[]> {
  const dependants = new Map<string, string[]>();
  for (const { name, needs } of steps) {
    for (const need of new Set(needs)) {
      const known = dependants.get(need);
      if (known === undefined) dependants.set(need, [name]);
      else known.push(name);
    }
  }
  return dependants;
}
