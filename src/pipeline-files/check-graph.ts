import { nearest } from '../config/nearest';
import type { PipelineStep } from '../contracts/pipeline';
import type { Places } from './places';

/** Steps of a cycle that are named; a longer one is told in part. */
const mostNamed = 12;

/** What is wrong with what steps need of each other. */
export function checkGraph(
  steps: readonly PipelineStep[],
  names: readonly string[],
  places: Places,
): void {
  const known = new Set(names);
  for (const { name, needs, when } of steps) {
    const path = ['steps', name, 'needs'];
    for (const [index, need] of needs.entries()) {
      if (need === name) places.add([...path, index], 'is the step itself; leave it out');
      else if (!known.has(need)) {
        const near = nearest(need, names);
        const hint = near === undefined ? `steps are ${some(names)}` : `did you mean "${near}"?`;
        places.add([...path, index], `names "${need}", which is no step; ${hint}`);
      } else if (needs.indexOf(need) < index) {
        places.add([...path, index], `names "${need}" again; once is enough`);
      }
    }
    if (when === 'failure' && needs.length === 0) {
      places.add(
        ['steps', name, 'when'],
        'is "failure", but the step needs no other, so it would never run; name steps in needs',
      );
    }
  }
  for (const cycle of cycles(steps)) {
    const [first = ''] = cycle;
    const named =
      cycle.length > mostNamed ? [...cycle.slice(0, mostNamed), '…', first] : [...cycle, first];
    places.add(
      ['steps', first, 'needs'],
      `go round in a circle, so none of them can begin: ${named.join(' → ')}; take one of the arrows out`,
    );
  }
}

function some(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}

/** One circle of each knot of steps that wait for each other; in the order of `needs`. */
function cycles(steps: readonly PipelineStep[]): string[][] {
  const needs = new Map(steps.map((step) => [step.name, step.needs]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[][] = [];
  for (const { name } of steps) {
    if (state.has(name)) continue;
    // By hand: thousands of steps in a row are deeper than the stack.
    const path = [{ name, next: 0 }];
    state.set(name, 'open');
    while (path.length > 0) {
      const at = path[path.length - 1] as (typeof path)[number];
      const need = needs.get(at.name)?.[at.next++];
      if (need === undefined) {
        state.set(at.name, 'done');
        path.pop();
      } else if (needs.has(need) && !state.has(need)) {
        state.set(need, 'open');
        path.push({ name: need, next: 0 });
      } else if (state.get(need) === 'open' && need !== at.name) {
        found.push(
          path.slice(path.findIndex((step) => step.name === need)).map((step) => step.name),
        );
      }
    }
  }
  return found;
}

/** Which steps must have ended before a step: those that it needs, and what they need. */
export function earlierSteps(
  steps: readonly PipelineStep[],
): (name: string) => ReadonlySet<string> {
  const needs = new Map(steps.map((step) => [step.name, step.needs]));
  // Of all of them at once, they would be as many as the square of the steps.
  let last: { readonly name: string; readonly earlier: ReadonlySet<string> } | undefined;
  return (name) => {
    if (last?.name === name) return last.earlier;
    const earlier = new Set<string>();
    const open = [...(needs.get(name) ?? [])];
    for (let need = open.pop(); need !== undefined; need = open.pop()) {
      if (earlier.has(need)) continue;
      earlier.add(need);
      open.push(...(needs.get(need) ?? []));
    }
    last = { name, earlier };
    return earlier;
  };
}
