interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words that stand for numbers from `least` on, by their beginning. */
  readonly words?: readonly string[];
  /** Letters of a word that are enough. */
  readonly wordLength?: number;
}

const months =
  'january february march april may june july august september october november december';
const days = 'sunday monday tuesday wednesday thursday friday saturday';

const second: CronField = { name: 'second', least: 0, most: 59 };
const usual: readonly CronField[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, words: months.split(' '), wordLength: 3 },
  { name: 'day of week', least: 0, most: 7, words: days.split(' '), wordLength: 2 },
];
const year: CronField = { name: 'year', least: 2000, most: 2100 };

const shapes: Readonly<Record<number, readonly CronField[]>> = {
  5: usual,
  6: [...usual, year],
  7: [second, ...usual, year],
};

const predefined = [
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
];

/**
 * What is wrong with a cron expression, as the Temporal server reads it (`parseCronString` of its
 * scheduler): checked here so that nothing is created beside a wrong one. Undefined where nothing is.
 */
export function cronMistake(given: string): string | undefined {
  const text = given.trim();
  if (predefined.includes(text)) return undefined;
  if (text.startsWith('@every')) return 'is an interval; give it as an interval, such as 90m';
  if (text.startsWith('@'))
    return `is none that Temporal knows; there are ${predefined.join(', ')}`;
  if (/^(CRON_)?TZ=/.test(text))
    return 'holds a time zone; give it as the time zone of the schedule';
  // Temporal would take the rest of the line for a comment, and run on every such day.
  if (text.includes('#')) return 'holds "#", which Temporal takes for a comment; leave it out';
  const words = text.split(/\s+/).filter((word) => word !== '');
  const fields = shapes[words.length];
  if (fields === undefined) {
    return `has ${words.length} fields; give 5 (minute, hour, day of month, month, day of week), 6 with a year behind them, or 7 with seconds before and a year behind`;
  }
  for (const [index, field] of fields.entries()) {
    const mistake = fieldMistake(words[index] ?? '', field);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function fieldMistake(word: string, field: CronField): string | undefined {
  for (const part of word.split(',')) {
    const [, range = '', step] = /^([^/]*)(?:\/(\d+))?$/.exec(part) ?? [];
    const [from, to, ...more] = range.split('-').map((end) => numberOf(end, field));
    const isRange =
      range === '*' ||
      (from !== undefined && more.length === 0 && (!range.includes('-') || Number(to) >= from));
    if (isRange && (step === undefined || Number(step) >= 1)) continue;
    return `has "${part}" for the ${field.name}; give *, numbers from ${field.least} to ${field.most}${
      field.words === undefined ? '' : ` or names such as ${field.words[1]?.slice(0, 3)}`
    }, ranges (1-5) and steps (*/2), with commas between`;
  }
  return undefined;
}

function numberOf(text: string, { least, most, words = [], wordLength = 0 }: CronField) {
  if (text.length >= wordLength && /^[a-z]+$/i.test(text)) {
    const at = words.findIndex((word) => word.startsWith(text.toLowerCase()));
    return at < 0 ? undefined : at + least;
  }
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** True where both the day of the month and that of the week are named: Temporal wants both to match. */
export function namesBothDays(given: string): boolean {
  const words = given.trim().split(/\s+/);
  const first = words.length === 7 ? 3 : 2;
  return words.length >= 5 && words[first] !== '*' && words[first + 2] !== '*';
}
