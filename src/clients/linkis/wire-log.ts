import { z } from 'zod';
import { countSchema } from './wire';

/** What came to a task's log since the line that was asked from. */
export interface LinkisLogPage {
  /** Every level, in order. */
  readonly lines: readonly string[];
  /** What the next call asks for; at the end of the log it doesn't move. Lines the service dropped count too, so never count lines instead. */
  readonly fromLine: number;
  /** Only where the service answers the four-part form. */
  readonly byLevel?: LinkisLogByLevel;
}

/** The lines of three levels, each in order; where they stood among each other isn't told. */
export interface LinkisLogByLevel {
  readonly error: readonly string[];
  readonly warn: readonly string[];
  readonly info: readonly string[];
}

/** A log as a whole, read from the file that the service keeps of an ended task. */
export interface LinkisLog {
  readonly lines: readonly string[];
  readonly byLevel?: LinkisLogByLevel;
}

/** `[ERROR, WARN, INFO, ALL]`, each newline-joined, or one text of all; any of them may be "" or null. */
const logField = z.union([z.array(z.string().nullable()).min(1), z.string(), z.null()]);

/** `GET /entrance/{execID}/log`. */
export const logPageSchema = z
  .object({ log: logField.optional(), fromLine: countSchema })
  .transform(({ log, fromLine }): LinkisLogPage => ({ ...readLog(log), fromLine }));

/** `GET /filesystem/openLog`. */
export const wholeLogSchema = z.object({ log: logField }).transform(({ log }) => readLog(log));

function readLog(log: z.infer<typeof logField> | undefined): LinkisLog {
  if (!Array.isArray(log)) return { lines: toLines(log) };
  if (log.length !== 4) return { lines: toLines(log.at(-1)) };
  const [error, warn, info, all] = log.map(toLines);
  return { lines: all ?? [], byLevel: { error: error ?? [], warn: warn ?? [], info: info ?? [] } };
}

export function toLines(text: string | null | undefined): string[] {
  if (text === null || text === undefined || text === '') return [];
  const lines = text.split(/\r?\n/);
  // A newline at the end closes the last line; it doesn't open an empty one.
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
