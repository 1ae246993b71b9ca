import type { SeenTask } from './seen-task';

/** Questions to entrances that are under way at a time; whoever finds no room asks another time. */
const mostQuestions = 2;

interface Proof {
  readonly createdAtMs: number;
  readonly provenAtMs: number;
}

/**
 * What is known of the entrances of one connection. An entrance that holds a task hasn't restarted
 * since that task was created, so it holds those that it took later, too: one question answers for
 * thousands of tasks.
 */
export class Entrances {
  /** The oldest task that each entrance was last found to hold, by its `host:port`. */
  private readonly proofs = new Map<string, Proof>();
  private questions = 0;

  /** The entrance was just found at work on this task. */
  holds({ instance, createdAtMs }: SeenTask, validForMs: number): void {
    if (instance === undefined || createdAtMs === undefined) return;
    const provenAtMs = Date.now();
    const known = this.proofs.get(instance);
    const isOlder = known === undefined || createdAtMs <= known.createdAtMs;
    const isStale = known !== undefined && provenAtMs - known.provenAtMs >= validForMs;
    if (isOlder || isStale) this.proofs.set(instance, { createdAtMs, provenAtMs });
  }

  /** When the task's entrance was last found to hold an older task; epoch milliseconds. */
  heldAtMs({ instance, createdAtMs }: SeenTask): number | undefined {
    const proof = instance === undefined ? undefined : this.proofs.get(instance);
    if (proof === undefined || createdAtMs === undefined) return undefined;
    const isCovered = createdAtMs >= proof.createdAtMs && createdAtMs <= proof.provenAtMs;
    return isCovered ? proof.provenAtMs : undefined;
  }

  /** Runs the question if there is room; undefined where there is none. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    if (this.questions >= mostQuestions) return undefined;
    this.questions += 1;
    try {
      return await question();
    } finally {
      this.questions -= 1;
    }
  }
}
