import type { ArtifactRef, StagedFile } from './artifact';
import { historyLimitBytes, jsonBytes } from './history-size';
import { longestTimeoutMs } from './job';
import { connectionName } from './names';
import { artifactUriMistake, relativePathMistake } from './relative-path';

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

  /** A service is named as the configuration names it: no input chooses where requests go. */
  connection(value: unknown): void {
    if (value === undefined) return;
    if (typeof value === 'string' && connectionName.test(value)) return;
    this.mistake(
      'connection',
      `is ${shown(value)}; give the name of a configured connection, never an address`,
    );
  }

  /**
   * Beyond this the server refuses a start in words of its own, or ends the workflow later. Asked
   * last: what is too long is best told by its own field.
   */
  fitsHistory(input: unknown): void {
    if (this.mistakes.length > 0) return;
    const sizeBytes = jsonBytes(input);
    if (sizeBytes <= historyLimitBytes) return;
    this.mistake(
      'the input',
      `has ${sizeBytes} bytes, and ${historyLimitBytes} fit into Temporal's history; stage large values as files`,
    );
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

  /**
   * The size of a file that was staged; undefined, and a mistake, for anything else. Its name goes
   * to the service and its reference to the store: neither may lead anywhere else.
   */
  stagedBytes(field: string, file: StagedFile): number | undefined {
    const { name, artifact } = file ?? {};
    const { uri, sizeBytes } = (artifact as Partial<ArtifactRef> | null | undefined) ?? {};
    if (typeof sizeBytes !== 'number' || typeof name !== 'string' || typeof uri !== 'string') {
      this.mistake(field, 'is no staged file; stage it first (stageFiles)');
      return undefined;
    }
    const wrongName = relativePathMistake(name);
    if (wrongName !== undefined) {
      this.mistake(
        `${field}.name`,
        `${shown(name)} ${wrongName}; give a relative path, such as "etl/orders.sql"`,
      );
    }
    const wrongUri = artifactUriMistake(uri);
    if (wrongUri !== undefined) {
      this.mistake(
        `${field}.artifact.uri`,
        `${shown(uri)} ${wrongUri}; give the reference that stageFiles answered`,
      );
    }
    return sizeBytes;
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
