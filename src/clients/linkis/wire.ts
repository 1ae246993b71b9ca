import { z } from 'zod';

/**
 * The shapes of the service's answers, and how they become ours. The schemas ask only for what is
 * used, and the vendor's spellings (`execID`, `umUser`, `csvSeperator`) end here and in the other
 * `wire-*` files.
 */

/**
 * A task's id: a JSON number on real servers, text on the public page, digits in any case. Another
 * text could never be asked for again.
 */
export const idSchema = z
  .union([z.string().trim(), z.number().transform(String)])
  .refine((id) => /^\d{1,19}$/.test(id), { error: 'a number of up to 19 digits' });

/** Text that history keeps: more of it than any server sends is no answer. */
export function shortText(mostCharacters: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(mostCharacters, { error: `a text of at most ${mostCharacters} characters` });
}

/** A count, or a place in a log, as a number or the same as text: whole, and not below 0. */
export const countSchema = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\s*\d+\s*$/)
      .transform(Number),
  ])
  .refine((count) => Number.isSafeInteger(count) && count >= 0, { error: 'a whole number from 0' });

/** Text that may be null, absent or blank, all of which mean "none". */
export const maybeText = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((text) => {
    if (text === null || text === undefined) return undefined;
    const value = String(text);
    return value.trim() === '' ? undefined : value;
  });

/** A count that may be null, absent or blank; anything that is no number is "none" too. */
export const maybeNumber = z.unknown().transform((value) => {
  if (typeof value === 'string' ? value.trim() === '' : typeof value !== 'number') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
});

/** `POST /entrance/submit` and `/entrance/execute`. */
export const submittedSchema = z
  .object({ execID: shortText(1000), taskID: idSchema })
  .transform(({ execID, taskID }) => ({ execId: execID, taskId: taskID }));

/** `GET /entrance/{execID}/status`. */
export const statusSchema = z
  .object({ status: shortText(200), execID: maybeText })
  .transform(({ status, execID }) => ({ status, execId: execID }));
