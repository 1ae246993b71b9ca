import type { Mistake } from './findings';
import { own } from './own';
import { isSecretRef } from './secret';

/**
 * Texts of a scheduled run may hold variables, `{{NAME OFFSET… | FORMAT}}`:
 *
 * - NAME is `scheduledTime` or `scheduledDate`: the run's nominal time in the schedule's time zone.
 *   They differ in the format that they have where none is given.
 * - OFFSET is `+` or `-`, up to four digits and a unit: `s m h` are exact time, `d w mo y` calendar
 *   time. Several are applied from left to right.
 * - FORMAT is made of {@link formatTokens}; other letters stand in single quotes.
 *
 * `{{{{` stands for two plain braces.
 */
export type Template = readonly (string | TemplateVariable)[];

export interface TemplateVariable {
  /** As it was written, braces included. */
  readonly written: string;
  readonly offsets: readonly TimeOffset[];
  readonly format: readonly FormatPart[];
}

export interface TimeOffset {
  readonly count: number;
  readonly unit: OffsetUnit;
}

export type OffsetUnit = keyof typeof offsetUnits;

export type FormatPart = { readonly token: FormatToken } | { readonly literal: string };

/** What each unit is called. */
export const offsetUnits = {
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
  mo: 'months',
  y: 'years',
} as const;

/** What each part of a format becomes, for the second of January 2026, 03:04:05.678 in UTC+1. */
export const formatTokens = {
  yyyy: '2026',
  yy: '26',
  MM: '01',
  M: '1',
  dd: '02',
  d: '2',
  ooo: '002',
  kkkk: '2026',
  WW: '01',
  E: '5',
  HH: '03',
  H: '3',
  mm: '04',
  m: '4',
  ss: '05',
  s: '5',
  SSS: '678',
  ZZ: '+01:00',
  ZZZ: '+0100',
  X: '1767319445',
  x: '1767319445678',
} as const;

export type FormatToken = keyof typeof formatTokens;

/** The variables, and the format of each where none is given. */
export const runVariables: Readonly<Record<string, string>> = {
  scheduledTime: "yyyy-MM-dd'T'HH:mm:ssZZ",
  scheduledDate: 'yyyy-MM-dd',
};

const braces = /\{\{\{\{|\{\{([^{}]*)\}\}|\{\{/g;
const expression = /^\s*(\w*)((?:\s*[+-]\s*\w+)*)\s*(?:\|(.*))?$/s;
const offset = /^([+-])\s*(\d{1,4})(\w+)$/;

/** A text's variables; or, as a text, what is wrong with it: `holds {{x}}, which is …`. */
export function parseTemplate(text: string): Template | string {
  return parseBraces(text, parseVariable);
}

/** A text in pieces, whatever its double braces may hold; or what `parse` says of the first wrong one. */
export function parseBraces<Part extends object>(
  text: string,
  parse: (written: string, inner: string) => Part | string,
): readonly (string | Part)[] | string {
  const parts: (string | Part)[] = [];
  let end = 0;
  for (const match of text.matchAll(braces)) {
    const [written, inner] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + written.length;
    if (written === '{{{{') {
      parts.push('{{');
      continue;
    }
    if (inner === undefined) {
      return 'holds "{{" without its "}}"; close the variable, or write "{{{{" for two plain braces';
    }
    const part = parse(written, inner);
    if (typeof part === 'string') return part;
    parts.push(part);
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

export function parseVariable(written: string, inner: string): TemplateVariable | string {
  const found = expression.exec(inner);
  const [, name = '', moves = '', given] = found ?? [];
  const usual = own(runVariables, name);
  if (found === null || usual === undefined) {
    return `holds ${written}, which is no variable; there are {{${Object.keys(runVariables).join('}} and {{')}}}, with offsets such as -1d and formats such as | yyyyMMdd ("{{{{" stands for two plain braces)`;
  }
  const offsets: TimeOffset[] = [];
  for (const [move] of moves.matchAll(/[+-]\s*\w+/g)) {
    const [, sign, digits, unit = ''] = offset.exec(move) ?? [];
    if (!isUnit(unit)) {
      return `holds ${written}, whose offset "${move}" can't be read; give a sign, up to four digits and one of ${Object.keys(offsetUnits).join(', ')}, such as -1d`;
    }
    offsets.push({ count: Number(digits) * (sign === '-' ? -1 : 1), unit });
  }
  const format = parseFormat(given === undefined ? usual : given.trim());
  return typeof format === 'string'
    ? `holds ${written}, whose format ${format}`
    : { written, offsets, format };
}

function isUnit(unit: string): unit is OffsetUnit {
  return Object.hasOwn(offsetUnits, unit);
}

function parseFormat(format: string): readonly FormatPart[] | string {
  if (format === '') return 'is empty; give one such as yyyy-MM-dd, or leave the "|" out';
  const parts: FormatPart[] = [];
  for (const [piece, quoted] of format.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z]/g)) {
    if (quoted !== undefined) parts.push({ literal: quoted });
    else if (Object.hasOwn(formatTokens, piece)) parts.push({ token: piece as FormatToken });
    else if (piece === "'") return "has a quote that isn't closed; close it";
    else if (/[A-Za-z]/.test(piece)) {
      return `has "${piece}", which stands for nothing; there are ${Object.keys(formatTokens).join(' ')}, and other letters stand in single quotes`;
    } else parts.push({ literal: piece });
  }
  return parts;
}

/** The text with a made-up time in place of each variable: what it will look like. */
function sampleText(template: Template): string {
  const sample = ({ format }: TemplateVariable) =>
    format.map((part) => ('token' in part ? formatTokens[part.token] : part.literal)).join('');
  return template.map((part) => (typeof part === 'string' ? part : sample(part))).join('');
}

/** The same value with each text in it, however deep, as `change` makes it; names of secrets stay. */
export function mapTexts<Value>(
  value: Value,
  change: (text: string, field: string) => string,
  field = '',
): Value {
  if (typeof value === 'string') return change(value, field) as Value;
  if (typeof value !== 'object' || value === null || isSecretRef(value)) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      mapTexts(item, change, `${field}[${index}]`),
    ) as Value;
  }
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    mapTexts<unknown>(inner, change, field === '' ? key : `${field}.${key}`),
  ]);
  return Object.fromEntries(entries) as Value;
}

/** Every variable in a value that can't be read, by its field. */
export function templateMistakes(value: unknown): Mistake[] {
  const mistakes: Mistake[] = [];
  mapTexts(value, (text, field) => {
    const template = parseTemplate(text);
    if (typeof template === 'string') mistakes.push({ field, problem: template });
    return text;
  });
  return mistakes;
}

/** The value as it will look: a made-up time in place of each variable. */
export function sampleTexts<Value>(value: Value): Value {
  return mapTexts(value, (text) => {
    const template = parseTemplate(text);
    return typeof template === 'string' ? text : sampleText(template);
  });
}
