import { DateTime, IANAZone } from 'luxon';
import {
  mapTexts,
  offsetUnits,
  parseTemplate,
  type TemplateVariable,
} from '../contracts/run-variables';

/** A variable of a scheduled run that can't be filled in; the message names the text and the remedy. */
export class RunVariableError extends Error {
  override readonly name = 'RunVariableError';
  readonly code = 'Schedule.BadVariable';
}

/** Why a name is no time zone for Temporal; undefined where it is one, by its IANA name. */
export function timeZoneProblem(name: string): string | undefined {
  // Here any letter case is a zone, and so is an offset; Temporal's server takes neither.
  const listed = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
  const right = listed.find((zone) => zone.toLowerCase() === name.toLowerCase());
  if (right === name) return undefined;
  if (right !== undefined) return `which is written ${right}`;
  return /^[A-Z]/.test(name) && IANAZone.isValidZone(name)
    ? undefined
    : 'which is no time zone; give an IANA name such as Europe/Vienna';
}

/**
 * The value with each variable in it filled in for a run's nominal time. Offsets of days and longer
 * keep the time of day: where daylight saving time has taken it away, they end an hour later; where
 * it comes twice, they stay with the UTC offset they come from.
 *
 * @param scheduledAtMs epoch milliseconds
 * @throws RunVariableError a text can't be read, or a time lies outside the years 1 to 9999
 */
export function renderTexts<Value>(value: Value, scheduledAtMs: number, timeZone: string): Value {
  const nominal = timeInZone(scheduledAtMs, timeZone);
  return mapTexts(value, (text, field) => {
    const template = parseTemplate(text);
    if (typeof template === 'string') throw new RunVariableError(`${field}: ${template}`);
    return template
      .map((part) => (typeof part === 'string' ? part : renderTime(part, nominal, field)))
      .join('');
  });
}

/** @throws RunVariableError the time zone is unknown here */
export function timeInZone(atMs: number, timeZone: string): DateTime {
  const time = DateTime.fromMillis(atMs, { zone: timeZone, locale: 'en-US' });
  if (time.isValid) return time;
  throw new RunVariableError(
    `timeZone: "${timeZone}" is unknown on this worker; give an IANA name such as Europe/Vienna`,
  );
}

/** @throws RunVariableError the time lies outside the years 1 to 9999 */
export function renderTime(
  { written, offsets, format }: TemplateVariable,
  nominal: DateTime,
  field: string,
): string {
  const moved = offsets.reduce(
    (at, { count, unit }) => at.plus({ [offsetUnits[unit]]: count }),
    nominal,
  );
  if (!moved.isValid || moved.year < 1 || moved.year > 9999) {
    throw new RunVariableError(
      `${field}: ${written} lies outside the years 1 to 9999; give a smaller offset`,
    );
  }
  return format
    .map((part) => ('token' in part ? moved.toFormat(part.token) : part.literal))
    .join('');
}
