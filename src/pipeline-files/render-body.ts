import { DateTime } from 'luxon';
import { renderTime, RunVariableError, timeInZone } from '../calendar/render';
import { own } from '../contracts/own';
import type { ParamValue } from '../contracts/pipeline';
import {
  isOutput,
  isParam,
  parsePipelineText,
  type Expression,
  type ParamExpression,
} from '../contracts/pipeline-expressions';
import type { StepOutputs } from '../contracts/pipeline-steps';
import { mapTexts, parseTemplate, type FormatPart } from '../contracts/run-variables';

/** What expressions read. */
export interface Scope {
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Of steps that have ended, by their names. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
  /** What `scheduledTime` stands for, epoch milliseconds. */
  readonly scheduledAtMs: number;
  readonly timeZone: string;
}

/** An expression that can't be filled in; the message names the text and the remedy. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly code = 'Pipeline.BadExpression';
}

/**
 * The same value with each expression in its texts filled in. What an expression stands for is text
 * and is never read again: a parameter that holds braces stays as it is.
 *
 * @throws ExpressionError a step left no such output, or a text can't be read
 */
export function renderBody<Value>(value: Value, scope: Scope): Value {
  const nominal = timeInZone(scope.scheduledAtMs, scope.timeZone);
  return mapTexts(value, (text, field) => {
    const parts = parsePipelineText(text);
    if (typeof parts === 'string') throw new ExpressionError(`${field}: ${parts}`);
    return parts
      .map((part) => (typeof part === 'string' ? part : render(part, scope, nominal, field)))
      .join('');
  });
}

function render(part: Expression, scope: Scope, nominal: DateTime, field: string): string {
  try {
    if (isParam(part)) return renderParam(part, scope, field);
    if (!isOutput(part)) return renderTime(part, nominal, field);
  } catch (error) {
    if (error instanceof RunVariableError) throw new ExpressionError(error.message);
    throw error;
  }
  const output = own(own(scope.outputs, part.step) ?? {}, part.output);
  if (output !== undefined) return String(output);
  throw new ExpressionError(
    `${field}: holds ${part.written}, but the step "${part.step}" left no ${part.output}; it was skipped or failed, or has none this time`,
  );
}

const dateFormat = dateFormatOf();

function renderParam(part: ParamExpression, { params, timeZone }: Scope, field: string): string {
  const { param, offsets, format, written } = part;
  const value = own(params, param);
  if (value === undefined) {
    throw new ExpressionError(`${field}: holds ${written}, and the parameter has no value`);
  }
  if (offsets.length === 0 && format === undefined) return String(value);
  const day = DateTime.fromISO(String(value), { zone: timeZone, locale: 'en-US' });
  if (!day.isValid) {
    throw new ExpressionError(`${field}: holds ${written}, but "${value}" is no date`);
  }
  return renderTime({ written, offsets, format: format ?? dateFormat }, day, field);
}

/** As `scheduledDate` has it. */
function dateFormatOf(): readonly FormatPart[] {
  const [variable] = parseTemplate('{{scheduledDate}}');
  return typeof variable === 'object' ? variable.format : [];
}
