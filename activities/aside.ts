/**
 * Something that helps but that nobody waits for: one run at a time, and none that goes on after
 * its owner has left.
 */
export class Aside {
  private readonly leaving = new AbortController();
  private readonly signal: AbortSignal;
  private running: Promise<void> | undefined;

  /** @param signal of the owner */
  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.leaving.signal]);
  }

  /** Begins a run, where none is under way. What goes wrong in it is nobody's trouble. */
  begin(run: (signal: AbortSignal) => Promise<void>): void {
    this.running ??= run(this.signal)
      .catch(() => undefined)
      .finally(() => {
        this.running = undefined;
      });
  }

  /** Gives up what is under way, and resolves once it has stopped. */
  async leave(): Promise<void> {
    this.leaving.abort();
    await this.running;
  }
}
