import { z } from 'zod';
import { parseDuration } from '../contracts/duration';
import { overlapPolicies, scheduleName, type OverlapPolicy } from '../contracts/schedule';
import { splitWords } from '../contracts/words';
import { orUndefined, shown, text } from './fields';

/** A schedule as the configuration declares it; durations are in milliseconds. */
export interface DeclaredSchedule {
  /** Cron expressions of five to seven fields: one, or a list. Either these or `every`. */
  readonly cron?: readonly string[];
  /** A duration: `15m`, `1h`, `1d`. */
  readonly every?: number;
  /** With `every`: how long after the full interval. @default 0 */
  readonly offset?: number;
  /** Of the cron expressions, by its IANA name. @default 'UTC' */
  readonly timeZone?: string;
  /** A run begins up to so much later. @default 0 */
  readonly jitter?: number;
  /** Runs that were missed for longer than this are dropped. @default 1d */
  readonly catchUp?: number;
  /** What a run does while an earlier one goes on: `skip`, `buffer-one`, `buffer-all`, `cancel-other` or `allow-all`. @default 'skip' */
  readonly overlap?: OverlapPolicy;
  /** A failed run pauses the schedule. @default false */
  readonly pauseOnFailure?: boolean;
  /** What it is for. */
  readonly note?: string;
  /** Left out, whatever an operator did stays. */
  readonly paused?: boolean;
  /** The words of a command: `chain`, `refresh`, `nightly`, … */
  readonly run: readonly string[];
}

/** Its times and its command are checked as a whole by those who make it. */
const schedule = z.strictObject(
  {
    cron: z
      .union(
        [text("give '0 2 * * *'").transform((one) => [one]), z.array(text("give '0 2 * * *'"))],
        {
          error: "must be a cron expression such as '0 2 * * *', or a list of them",
        },
      )
      .nullish()
      .transform(orUndefined),
    every: duration('15m, 1h or 1d'),
    offset: duration('10m'),
    timeZone: text('give an IANA name such as Europe/Vienna').nullish().transform(orUndefined),
    jitter: duration('5m'),
    catchUp: duration('1d'),
    overlap: z
      .enum(overlapPolicies, {
        error: ({ input }) => `must be one of ${overlapPolicies.join(', ')}, not ${shown(input)}`,
      })
      .nullish()
      .transform(orUndefined),
    pauseOnFailure: flag(),
    note: text('say what it is for').nullish().transform(orUndefined),
    paused: flag(),
    run: z.unknown().transform(readRun),
  },
  { error: 'must be settings by their names (cron or every, run, …)' },
) satisfies z.ZodType<DeclaredSchedule>;

export const schedules = z
  .record(
    z
      .string()
      .regex(
        scheduleName,
        'is no name for a schedule: take up to 63 letters, digits, ".", "_" and "-"',
      ),
    schedule,
    { error: 'must be schedules by their names' },
  )
  .nullish();

function duration(example: string) {
  return z
    .unknown()
    .transform((value, context): number | undefined => {
      if (value === undefined || value === null) return undefined;
      const durationMs = typeof value === 'string' ? parseDuration(value.trim()) : undefined;
      if (durationMs !== undefined) return durationMs;
      context.addIssue({
        code: 'custom',
        message: `is ${shown(value)}: give a duration such as ${example}`,
      });
      return z.NEVER;
    })
    .optional();
}

function flag() {
  return z
    .boolean({ error: ({ input }) => `must be true or false, not ${shown(input)}` })
    .nullish()
    .transform(orUndefined);
}

function readRun(value: unknown, context: z.RefinementCtx): readonly string[] {
  const words = typeof value === 'string' ? splitWords(value) : value;
  const example = '"chain refresh nightly sql/ --dbvendor hive", or its words as a list';
  const problem =
    value === undefined || value === null
      ? `is missing: give the command, such as ${example}`
      : typeof words === 'string'
        ? `${words}: close it, or give the words as a list`
        : !Array.isArray(words) ||
            words.length === 0 ||
            !words.every((one) => typeof one === 'string')
          ? `must be a command, such as ${example}; numbers stand in quotes`
          : undefined;
  if (problem === undefined) return words as string[];
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
}
