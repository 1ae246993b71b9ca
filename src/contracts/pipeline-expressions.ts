import { paramName, stepName } from './pipeline';
import {
  mapTexts,
  parseBraces,
  parseVariable,
  type FormatPart,
  type TemplateVariable,
  type TimeOffset,
} from './run-variables';

/**
 * Texts of a pipeline may hold expressions, `{{…}}`:
 *
 * - `params.NAME`; of a date also with offsets and a format: `{{params.day -1d | yyyyMMdd}}`
 * - `scheduledTime` and `scheduledDate`, as in schedules
 * - `steps.NAME.OUTPUT` of a step that this one needs
 *
 * `{{{{` stands for two plain braces. Nothing is computed.
 */
export type PipelineText = readonly (string | Expression)[];

export type Expression = TemplateVariable | ParamExpression | OutputExpression;

export interface ParamExpression {
  readonly written: string;
  readonly param: string;
  /** Of dates alone. */
  readonly offsets: readonly TimeOffset[];
  /** Absent where none was given. */
  readonly format?: readonly FormatPart[];
}

export interface OutputExpression {
  readonly written: string;
  readonly step: string;
  readonly output: string;
}

/** A text in pieces; or, as a text, what is wrong with it: `holds {{x}}, which …`. */
export function parsePipelineText(text: string): PipelineText | string {
  return parseBraces<Expression>(text, parseExpression);
}

function parseExpression(written: string, inner: string): Expression | string {
  const [, scope, rest = ''] = /^\s*(params|steps)\b(.*)$/s.exec(inner) ?? [];
  if (scope === 'steps') return parseOutput(written, rest);
  if (scope === 'params') return parseParam(written, rest);
  const variable = parseVariable(written, inner);
  if (typeof variable !== 'string' || /^\s*scheduled(Time|Date)\b/.test(inner)) return variable;
  return `holds ${written}, which is no expression; there are {{params.NAME}}, {{scheduledTime}}, {{scheduledDate}} and {{steps.NAME.OUTPUT}} ("{{{{" stands for two plain braces)`;
}

function parseOutput(written: string, rest: string): OutputExpression | string {
  const [, step = '', output = ''] = /^\.([^.\s]+)\.(\w+)\s*$/.exec(rest) ?? [];
  if (stepName.test(step) && output !== '') return { written, step, output };
  return `holds ${written}, which names no output; write {{steps.NAME.OUTPUT}}, such as {{steps.load.taskId}}`;
}

function parseParam(written: string, rest: string): ParamExpression | string {
  const [, param = '', moved = ''] = /^\.(\w+)(.*)$/s.exec(rest) ?? [];
  if (!paramName.test(param)) {
    return `holds ${written}, which names no parameter; write {{params.NAME}}`;
  }
  // What follows a date's name is what follows the time of a schedule.
  const variable = parseVariable(written, `scheduledDate${moved}`);
  if (typeof variable === 'string') return variable;
  const isFormatted = moved.includes('|');
  return {
    written,
    param,
    offsets: variable.offsets,
    ...(isFormatted && { format: variable.format }),
  };
}

export function isParam(part: string | Expression): part is ParamExpression {
  return typeof part !== 'string' && 'param' in part;
}

export function isOutput(part: string | Expression): part is OutputExpression {
  return typeof part !== 'string' && 'step' in part;
}

/** Each text of a value in its pieces, with its field; texts that can't be read are left out. */
export function expressionsOf(value: unknown): { field: string; parts: PipelineText }[] {
  const found: { field: string; parts: PipelineText }[] = [];
  mapTexts(value, (text, field) => {
    const parts = parsePipelineText(text);
    if (typeof parts !== 'string') found.push({ field, parts });
    return text;
  });
  return found;
}
