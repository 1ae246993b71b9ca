import { z } from 'zod';
import { checkShape, parseJson } from '../http/shape';

/** A run, as the service tells of it. */
export interface AcmeRun {
  readonly runId: string;
  /** The service's own word. */
  readonly state: string;
  /** 0 to 1. */
  readonly progress?: number;
  /** What the submission left with the run. */
  readonly tags: Readonly<Record<string, string>>;
  /** Why it failed. */
  readonly error?: string;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
}

const runSchema = z
  .object({
    id: z.string().min(1).max(200),
    state: z.string().min(1).max(200),
    progress: z.number().min(0).max(1).nullish(),
    tags: z.record(z.string(), z.string()).nullish(),
    error: z.string().nullish(),
    createdAt: z.iso.datetime(),
  })
  .transform(({ id, progress, tags, error, createdAt, ...run }): AcmeRun => ({
    ...run,
    runId: id,
    progress: progress ?? undefined,
    tags: tags ?? {},
    error: error ?? undefined,
    createdAtMs: Date.parse(createdAt),
  }));

const runsSchema = z.object({ runs: z.array(runSchema) });

export function readRun(text: string, endpoint: string): AcmeRun {
  return checkShape(runSchema, parseJson(text, endpoint), endpoint);
}

export function readRuns(text: string, endpoint: string): readonly AcmeRun[] {
  return checkShape(runsSchema, parseJson(text, endpoint), endpoint).runs;
}
