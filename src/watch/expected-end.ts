/** Below this a service's word on progress says little about the time that is left. */
const tellingProgress = 0.05;

/**
 * When one job is likely to end: by its own progress as soon as that tells, until then by how long
 * earlier jobs of its kind took. Times are of the monotonic clock, in milliseconds.
 */
export class ExpectedEnd {
  private first: { readonly atMs: number; readonly progress: number } | undefined;
  private byProgressMs: number | undefined;

  constructor(private readonly bornMs: number) {}

  /** @param progress 0–1 */
  note(progress: number | undefined, nowMs: number): void {
    if (progress === undefined || !(progress > 0)) return;
    // A job that is run anew begins anew.
    if (this.first === undefined || progress < this.first.progress) {
      this.first = { atMs: nowMs, progress };
    }
    if (progress >= 1) {
      this.byProgressMs = Math.min(this.byProgressMs ?? nowMs, nowMs);
    } else if (progress >= tellingProgress) {
      this.byProgressMs = nowMs + (1 - progress) / this.perMs(progress, nowMs);
    }
  }

  /** @param usualMs how long jobs of its kind take; undefined where nobody knows */
  atMs(usualMs: number | undefined): number | undefined {
    return this.byProgressMs ?? (usualMs === undefined ? undefined : this.bornMs + usualMs);
  }

  /** Since the first sign of work: a job that queued for an hour isn't slow. */
  private perMs(progress: number, nowMs: number): number {
    const { first } = this;
    if (first !== undefined && progress > first.progress && nowMs > first.atMs) {
      return (progress - first.progress) / (nowMs - first.atMs);
    }
    return progress / Math.max(1, nowMs - this.bornMs);
  }
}
