import type { LinkisValue } from '../contracts/linkis';
import { usageError } from './errors';

const secretMark = '@secret:';

/** `k=v` of a repeatable option, in order; a later one wins. */
export function keyValues(option: string, given: readonly string[] = []): Record<string, string> {
  const values: Record<string, string> = {};
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at <= 0) throw usageError(`${option} takes KEY=VALUE; "${pair.slice(0, 80)}" has no key.`);
    values[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return values;
}

/**
 * The same where a value may be a secret's name, `password=@secret:NAME`, which the worker
 * resolves. Everything else stays text, as in a form.
 */
export function taskValues(option: string, given?: readonly string[]): Record<string, LinkisValue> {
  return Object.fromEntries(
    Object.entries(keyValues(option, given)).map(([key, value]) => [key, taskValue(option, value)]),
  );
}

function taskValue(option: string, value: string): LinkisValue {
  if (!value.startsWith(secretMark)) return value;
  const secret = value.slice(secretMark.length).trim();
  if (secret === '') throw usageError(`${option} has ${secretMark} without a secret's name.`);
  return { secret };
}
