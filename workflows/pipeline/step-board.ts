import type {
  CarriedPipeline,
  CarriedStep,
  GraphStep,
  PipelineGraph,
  PipelineInput,
  ReusedStep,
  StepEnd,
  StepOutputs,
} from '../../src/contracts/pipeline-steps';
import type {
  PipelineCounts,
  PipelineStepStanding,
  PipelineStepState,
} from '../../src/contracts/pipeline-run';
import { pipelineStepId } from '../../src/contracts/pipeline-run';
import { dependantsOf } from '../../src/contracts/pipeline-selection';

/** What several failures together may say, in characters: 5,000 of 1 KB would not fit into an input. */
const mostWords = 100_000;
const shortWords = 100;

/**
 * Where each step of a run stands, and which may begin. It knows nothing of Temporal, and looks at
 * a step again only when one that it needs has ended: a thousand steps cost a thousand looks.
 */
export class StepBoard {
  private readonly steps = new Map<string, GraphStep>();
  private readonly places = new Map<string, CarriedStep>();
  private readonly dependants: ReadonlyMap<string, readonly string[]>;
  /** Of each waiting step: how many that it needs have not ended. */
  private readonly openNeeds = new Map<string, number>();
  private readonly readers = new Set<string>();
  private readonly outputs = new Map<string, StepOutputs>();
  /** May begin, in the definition's order of becoming so. */
  private readonly ready: string[] = [];
  private wordsLeft = mostWords;
  runningCount = 0;

  constructor(
    private readonly graph: PipelineGraph,
    input: Pick<PipelineInput, 'leftOut' | 'reused'>,
    private readonly pipelineId: string,
    carried?: CarriedPipeline,
  ) {
    this.dependants = dependantsOf(graph.steps);
    for (const step of graph.steps) {
      this.steps.set(step.name, step);
      for (const used of step.uses ?? []) this.readers.add(used);
    }
    for (const step of graph.steps) this.openNeeds.set(step.name, new Set(step.needs).size);
    for (const name of input.leftOut ?? []) this.places.set(name, { standing: 'leftOut' });
    for (const [name, reused] of Object.entries(input.reused ?? {})) this.reuse(name, reused);
    for (const [name, place] of Object.entries(carried?.steps ?? {})) this.places.set(name, place);
    for (const [name, outputs] of Object.entries(carried?.outputs ?? {})) {
      this.outputs.set(name, outputs);
    }
    for (const place of this.places.values()) this.wordsLeft -= place.words?.length ?? 0;
    this.runningCount = this.running().length;
    this.open();
  }

  /** True once no step runs and none can begin. */
  get isOver(): boolean {
    return this.runningCount === 0 && this.ready.length === 0;
  }

  /**
   * True once every step has ended, and none of them badly or because the run was stopped. A handler
   * of failures that was stopped before it began would have had nothing to do.
   */
  get isDone(): boolean {
    const isGood = ({ name, when }: GraphStep) =>
      !this.wentWrong(name) ||
      (when === 'failure' && this.places.get(name)?.standing === 'skipped');
    return this.graph.steps.every((step) => this.hasEnded(step.name) && isGood(step));
  }

  /** The next step that may begin; undefined where none may, or as many run as may run at once. */
  next(): GraphStep | undefined {
    if (this.runningCount >= this.graph.maxParallel) return undefined;
    const name = this.ready.shift();
    return name === undefined ? undefined : this.steps.get(name);
  }

  /** The outputs of the steps that a step uses. */
  outputsFor({ uses = [] }: GraphStep): Record<string, StepOutputs> {
    return Object.fromEntries(
      uses.flatMap((name) => {
        const outputs = this.outputs.get(name);
        return outputs === undefined ? [] : [[name, outputs]];
      }),
    );
  }

  started(name: string, nowMs: number): void {
    this.places.set(name, { standing: 'running', startedAtMs: nowMs });
    this.runningCount += 1;
  }

  /** The step's workflow has begun. */
  hasRun(name: string, runId: string): void {
    this.change(name, { runId });
  }

  triedAgain(name: string, attempts: number, words: string): void {
    if (this.places.get(name)?.standing !== 'running') return;
    this.change(name, { attempts, words: words.slice(0, shortWords) });
  }

  ended(name: string, { outputs, words, ...end }: StepEnd, nowMs: number): void {
    const place = this.places.get(name);
    if (place?.standing !== 'running') return;
    const told = words === undefined ? undefined : this.within(words);
    this.places.set(name, { ...place, ...end, words: told, endedAtMs: nowMs });
    this.runningCount -= 1;
    if (outputs !== undefined && this.readers.has(name)) this.outputs.set(name, outputs);
    this.settled(name);
  }

  /** Says more of a step that has ended. */
  change(name: string, more: Partial<CarriedStep>): void {
    const place = this.places.get(name);
    if (place !== undefined) this.places.set(name, { ...place, ...more });
  }

  /** Nothing new begins: the rest is skipped. */
  stop(words: string): void {
    this.ready.length = 0;
    for (const { name } of this.graph.steps) {
      if (!this.places.has(name)) {
        this.places.set(name, { standing: 'skipped', words, blocked: true });
      }
    }
  }

  running(): readonly (CarriedStep & { readonly name: string })[] {
    return this.standing('running');
  }

  standing(standing: PipelineStepStanding): readonly (CarriedStep & { readonly name: string })[] {
    return this.graph.steps.flatMap(({ name }) => {
      const place = this.places.get(name);
      return place?.standing === standing ? [{ ...place, name }] : [];
    });
  }

  kindOf(name: string): GraphStep['kind'] {
    return this.steps.get(name)?.kind ?? 'linkis';
  }

  counts(): PipelineCounts {
    const counts: Record<PipelineStepStanding, number> = {
      waiting: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      skipped: 0,
      reused: 0,
      leftOut: 0,
    };
    for (const { name } of this.graph.steps) {
      counts[this.places.get(name)?.standing ?? 'waiting'] += 1;
    }
    return counts;
  }

  carried(startedAtMs: number): CarriedPipeline {
    return {
      startedAtMs,
      steps: Object.fromEntries(this.places),
      outputs: Object.fromEntries(this.outputs),
    };
  }

  /** Without the runs of what has ended, where all of them don't fit: a retry finds those by id. */
  carriedBriefly(startedAtMs: number): CarriedPipeline {
    const { steps, ...rest } = this.carried(startedAtMs);
    const brief = Object.entries(steps).map(([name, { runId, ...place }]) => {
      const isNeeded = place.standing === 'running' || place.standing === 'reused';
      return [name, isNeeded ? { ...place, runId } : place] as const;
    });
    return { ...rest, steps: Object.fromEntries(brief) };
  }

  stateOf(position: number): PipelineStepState | undefined {
    const step = this.graph.steps[position];
    if (step === undefined) return undefined;
    const { name, kind, needs } = step;
    const place = this.places.get(name) ?? { standing: 'waiting' };
    const { blocked: _blocked, ...told } = place;
    const began = place.startedAtMs !== undefined;
    const workflowId =
      place.workflowId ?? (began ? pipelineStepId(this.pipelineId, name) : undefined);
    return { name, kind, needs, ...told, workflowId };
  }

  outputsOf(name: string): StepOutputs | undefined {
    return this.outputs.get(name);
  }

  private reuse(name: string, { outputs, ...from }: ReusedStep): void {
    this.places.set(name, { standing: 'reused', ...from });
    if (outputs !== undefined) this.outputs.set(name, outputs);
  }

  /** Looks at every step once: what has ended counts, what needs nothing may begin. */
  private open(): void {
    const ended: string[] = [];
    for (const step of this.graph.steps) {
      const { name } = step;
      if (this.hasEnded(name)) ended.push(name);
      else if (!this.places.has(name) && step.needs.length === 0 && !this.begins(name))
        ended.push(name);
    }
    for (const name of ended) this.settled(name);
  }

  private settled(first: string): void {
    const ended = [first];
    for (let name = ended.pop(); name !== undefined; name = ended.pop()) {
      for (const dependant of this.dependants.get(name) ?? []) {
        const open = (this.openNeeds.get(dependant) ?? 0) - 1;
        this.openNeeds.set(dependant, open);
        if (open > 0 || this.places.has(dependant)) continue;
        if (!this.begins(dependant)) ended.push(dependant);
      }
    }
  }

  /** Of a step whose needs have all ended: whether it may begin. Else it is skipped, which is an end. */
  private begins(name: string): boolean {
    const skipped = this.skip(name);
    if (skipped === undefined) this.ready.push(name);
    else this.places.set(name, skipped);
    return skipped === undefined;
  }

  /** Why it doesn't begin; undefined where it does. */
  private skip(name: string): CarriedStep | undefined {
    const { needs, when = 'success' } = this.steps.get(name) as GraphStep;
    const bad = needs.filter((need) => this.wentWrong(need));
    if (when === 'always') return undefined;
    if (when === 'failure') {
      if (bad.length > 0) return undefined;
      return { standing: 'skipped', words: 'nothing that it needs failed' };
    }
    const [first] = bad;
    if (first !== undefined) {
      return { standing: 'skipped', words: this.wordsOf(first), blocked: true };
    }
    const left = needs.find((need) => this.places.get(need)?.standing === 'skipped');
    if (left === undefined) return undefined;
    return { standing: 'skipped', words: this.wordsOf(left) };
  }

  private wordsOf(need: string): string {
    const standing = this.places.get(need)?.standing ?? 'waiting';
    const verb = standing === 'failed' ? 'failed' : `was ${standing}`;
    return `${need} ${verb}`;
  }

  private wentWrong(name: string): boolean {
    const place = this.places.get(name);
    if (place === undefined) return false;
    const { standing, blocked } = place;
    return standing === 'failed' || standing === 'cancelled' || blocked === true;
  }

  private hasEnded(name: string): boolean {
    const place = this.places.get(name);
    return place !== undefined && place.standing !== 'running';
  }

  private within(words: string): string {
    const told = words.slice(0, this.wordsLeft > 0 ? 1000 : shortWords);
    this.wordsLeft -= told.length;
    return told;
  }
}
