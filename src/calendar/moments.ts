import { DateTime } from 'luxon';

/** From the first moment to the first one that is no longer in it. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/**
 * A range between two days, or moments, both of them included. What names no zone of its own is read
 * in the given one; a day lasts there as long as it lasts, also where clocks change.
 *
 * @param from `2026-05-01`, or ISO 8601 such as `2026-05-01T02:00`, with or without a zone
 * @returns undefined where one of them is no time
 */
export function rangeBetween(from: string, to: string, timeZone: string): TimeRange | undefined {
  const [first, last] = [from, to].map((text) => DateTime.fromISO(text, { zone: timeZone }));
  if (first === undefined || last === undefined || !first.isValid || !last.isValid) {
    return undefined;
  }
  const isDay = !to.includes('T');
  const end = isDay ? last.plus({ days: 1 }).startOf('day') : last.plus({ milliseconds: 1 });
  return { from: first.toJSDate(), to: end.toJSDate() };
}

/** `2026-05-01 02:00:00 +02:00`: for a person, in a zone. */
export function timeIn(at: Date, timeZone: string): string {
  return DateTime.fromJSDate(at, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
}
