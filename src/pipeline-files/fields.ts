import { z } from 'zod';
import { orUndefined, shown, text } from '../config/fields';
import { parseDuration } from '../contracts/duration';

/** A text that must be there. */
export function required(what: string) {
  return text(`give ${what}`);
}

/** A choice that may be left out. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]) {
  return z
    .enum(choices, {
      error: ({ input }) => `must be one of ${choices.join(', ')}, not ${shown(input)}`,
    })
    .nullish()
    .transform(orUndefined);
}

export function flag() {
  return z
    .boolean({ error: ({ input }) => `must be true or false, not ${shown(input)}` })
    .nullish()
    .transform(orUndefined);
}

export function wholeNumber(unit: string, least: number, most: number) {
  const problem = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z
    .number({ error: ({ input }) => `${problem}, not ${shown(input)}` })
    .int(problem)
    .min(least, problem)
    .max(most, problem);
}

/** Texts; one alone needs no list. */
export function list(what: string) {
  const one = text(`give ${what}`);
  return z
    .union([one.transform((value) => [value]), z.array(one)], {
      error: ({ input }) => `must be a list of ${what}, not ${shown(input)}`,
    })
    .nullish()
    .transform(orUndefined);
}

/** `90s`, `2h`, `1h30m`: milliseconds. */
export function duration(example: string) {
  return z
    .string({ error: ({ input }) => `is ${shown(input)}: give a duration such as ${example}` })
    .transform((value, context): number => {
      const durationMs = parseDuration(value.trim());
      if (durationMs !== undefined && durationMs > 0) return durationMs;
      context.addIssue({
        code: 'custom',
        message: `is ${shown(value)}: give a duration such as ${example}`,
      });
      return z.NEVER;
    })
    .nullish()
    .transform(orUndefined);
}
