const defaultTasks = 20;

/**
 * Status is asked for in batches; progress, resources and live logs cost calls per task. So only
 * this many tasks of a connection get them while they run; the others get the whole log at the end.
 */
export class LiveBudget {
  private used = 0;

  /** @param tasks at a time. @default 20 */
  constructor(private readonly tasks = defaultTasks) {}

  /** A place, to be released; or undefined where all are taken. */
  acquire(): (() => void) | undefined {
    if (this.used >= this.tasks) return undefined;
    this.used += 1;
    let released = false;
    return () => {
      if (!released) this.used -= 1;
      released = true;
    };
  }
}
