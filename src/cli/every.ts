import { parseDuration } from '../contracts/duration';
import { usageError } from './errors';

/** What `--schedule EVERY` of an upkeep command says: milliseconds, or a cron expression. */
export function everyOf(text: string): string | number {
  const everyMs = parseDuration(text.trim());
  if (everyMs !== undefined && everyMs < 60_000) {
    throw usageError(`--schedule ${text} is too often: give 1m at least.`);
  }
  if (everyMs !== undefined) return everyMs;
  if (/^@\w+$/.test(text.trim()) || [5, 6, 7].includes(text.trim().split(/\s+/).length)) {
    return text;
  }
  throw usageError(
    `--schedule ${text} is neither a duration (30m, 1h, 1d) nor a cron expression ('15 3 * * *').`,
  );
}
