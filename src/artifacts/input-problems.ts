import { StagingError, type StagingProblem } from './staging';

/** Mistakes that are named; what is read after so many is of no use. */
const mostProblems = 20;

/** What is wrong with inputs, told together as far as it is worth reading. */
export class InputProblems {
  private readonly found: StagingProblem[] = [];

  get isFull(): boolean {
    return this.found.length >= mostProblems;
  }

  add(value: string, message: string): void {
    if (!this.isFull) this.found.push({ field: 'files', value, message });
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw new StagingError(this.found);
  }
}
