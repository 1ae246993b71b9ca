import type { StagedFile } from './artifact';
import { longestTimeoutMs } from './job';

/** One thing that is wrong with an input: which field, and what to do about it, in a sentence. */
export interface Mistake {
  readonly field: string;
  readonly problem: string;
}

/** "jobName: is blank; give it a readable name. dbVendor: …" */
export function describeMistakes(mistakes: readonly Mistake[]): string {
  return mistakes.map(({ field, problem }) => `${field}: ${problem}`).join(' · ');
}

/** Collects the mistakes of one input. */
export class Findings {
  readonly mistakes: Mistake[] = [];

  mistake(field: string, problem: string): void {
    this.mistakes.push({ field, problem });
  }

  text(field: string, value: unknown, what: string): value is string {
    if (typeof value === 'string' && value.trim() !== '') return true;
    this.mistake(field, `is ${shown(value)}; give ${what}`);
    return false;
  }

  optionalText(field: string, value: unknown, what: string): void {
    if (value !== undefined) this.text(field, value, what);
  }

  /** What isn't a list is a mistake, and read as none. */
  list<Item>(field: string, value: readonly Item[] | undefined, what: string): readonly Item[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly Item[];
    this.mistake(field, `is ${shown(value)}; give a list of ${what}`);
    return [];
  }

  /** The size of a file that was staged; undefined, and a mistake, for anything else. */
  stagedBytes(field: string, file: StagedFile): number | undefined {
    const sizeBytes: unknown = (file as Partial<StagedFile> | null)?.artifact?.sizeBytes;
    if (typeof sizeBytes === 'number' && typeof file.name === 'string') return sizeBytes;
    this.mistake(field, 'is no staged file; stage it first (stageFiles)');
    return undefined;
  }

  oneOf(field: string, value: unknown, choices: readonly string[]): void {
    if (value === undefined || choices.includes(value as string)) return;
    this.mistake(field, `is ${shown(value)}; give one of ${choices.join(', ')}`);
  }

  timeout(value: unknown): void {
    if (value === undefined) return;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      this.mistake(
        'timeoutMs',
        `is ${shown(value)}; give the milliseconds the job may take, more than 0 (a deadline in the past leaves none)`,
      );
    } else if (value > longestTimeoutMs) {
      this.mistake('timeoutMs', `is ${value}; the longest is ${longestTimeoutMs} (20 days)`);
    }
  }
}

/** A value as a mistake names it: short, and never a whole object. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return value.trim() === '' ? 'blank' : `"${value.slice(0, 80)}"`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  return Array.isArray(value) ? 'a list' : 'an object';
}
