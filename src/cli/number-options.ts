import { InvalidArgumentError } from 'commander';

/** For options that count something. */
export function countOption(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= least && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least}.`);
  };
}

/** For options that take a share: above 0, at most 100; `12.5` or `12.5%`. */
export function percentOption(text: string): number {
  const [, digits = ''] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? [];
  const value = digits === '' ? NaN : Number(digits);
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError('Give a number above 0 and up to 100, such as 5 or 12.5%.');
}
