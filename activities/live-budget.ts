const defaultTasks = 20;
/** So long a task keeps its place where others wait for one, in milliseconds. */
const turnMs = 30_000;

/** One task's part in the live budget of its connection. */
export interface LiveTurns {
  /** Whether the task may be asked about now; where it may not, it stands in line. */
  has(): boolean;
  leave(): void;
}

/**
 * Status is asked for in batches; progress, resources and live logs cost calls per task. So only
 * this many tasks of a connection get them at a time. They take turns, in the order in which they
 * asked: tasks that run for days leave room for those that came later. The log is whole at the end
 * in any case.
 */
export class LiveBudget {
  private readonly placesUntilMs = new Map<LiveTurns, number>();
  private readonly line = new Set<LiveTurns>();

  /** @param tasks at a time. @default 20 */
  constructor(private readonly tasks = defaultTasks) {}

  join(): LiveTurns {
    const turns: LiveTurns = {
      has: () => this.has(turns),
      leave: () => {
        this.placesUntilMs.delete(turns);
        this.line.delete(turns);
      },
    };
    return turns;
  }

  private has(turns: LiveTurns): boolean {
    const nowMs = performance.now();
    const untilMs = this.placesUntilMs.get(turns);
    if (untilMs !== undefined && (nowMs < untilMs || this.line.size === 0)) return true;
    this.placesUntilMs.delete(turns);
    this.line.add(turns);
    if (!this.isNext(turns)) return false;
    this.line.delete(turns);
    this.placesUntilMs.set(turns, nowMs + turnMs);
    return true;
  }

  /** Whether no more tasks stand before it than there are free places. */
  private isNext(turns: LiveTurns): boolean {
    let free = this.tasks - this.placesUntilMs.size;
    for (const one of this.line) {
      if (free <= 0) return false;
      if (one === turns) return true;
      free -= 1;
    }
    return false;
  }
}
