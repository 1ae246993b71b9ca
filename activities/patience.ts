/** A time that begins when it is first asked for. */
export class Patience {
  private untilMs: number | undefined;

  constructor(private readonly lastsMs: number) {}

  isOver(): boolean {
    this.untilMs ??= Date.now() + this.lastsMs;
    return Date.now() >= this.untilMs;
  }
}
