import { DateTime } from 'luxon';
import { renderTexts, RunVariableError } from '../calendar/render';
import { nearest } from '../config/nearest';
import { shown, type Mistake } from '../contracts/findings';
import type { ParamValue, PipelineDefinition, PipelineParam } from '../contracts/pipeline';
import { templateMistakes } from '../contracts/run-variables';
import type { Places } from './places';

/** Defaults and choices that aren't of the parameter's type. */
export function checkDefaults({ params }: PipelineDefinition, places: Places): void {
  for (const [name, param] of Object.entries(params)) {
    const { type, default: value, enum: choices } = param;
    const at = ['params', name];
    for (const [index, choice] of (choices ?? []).entries()) {
      const read = readValue({ type }, choice);
      if (typeof read === 'object') places.add([...at, 'enum', index], read.problem);
    }
    if (value === undefined || hasVariables(value)) continue;
    const read = readValue(param, value);
    if (typeof read === 'object') places.add([...at, 'default'], read.problem);
  }
}

/** What a run is given for its parameters. */
export interface GivenParams {
  /** As they were typed, `--param day=2026-05-01`: text, or JSON values. */
  readonly given: Readonly<Record<string, ParamValue>>;
  /** What a default's `{{scheduledDate}}` stands for, epoch milliseconds. */
  readonly scheduledAtMs: number;
}

/** Each parameter's value; or what is wrong, by the parameter's name. */
export function resolveParams(
  { params, timeZone }: Pick<PipelineDefinition, 'params' | 'timeZone'>,
  { given, scheduledAtMs }: GivenParams,
): {
  readonly values: Readonly<Record<string, ParamValue>>;
  readonly mistakes: readonly Mistake[];
} {
  const values: Record<string, ParamValue> = {};
  const mistakes: Mistake[] = [];
  const names = Object.keys(params);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const known = names.length === 0 ? 'the pipeline has none' : `there are ${names.join(', ')}`;
    const hint = near === undefined ? known : `did you mean "${near}"?`;
    mistakes.push({ field: name, problem: `is no parameter; ${hint}` });
  }
  for (const [name, param] of Object.entries(params)) {
    const value = given[name] ?? defaultOf(param, scheduledAtMs, timeZone);
    if (value === undefined) {
      const hint = `give --param ${name}=… (${describeParam(param)})`;
      mistakes.push({ field: name, problem: `has no value; ${hint}` });
      continue;
    }
    const read = typeof value === 'object' ? value : readValue(param, value);
    if (typeof read === 'object') mistakes.push({ field: name, problem: read.problem });
    else values[name] = read;
  }
  return { values, mistakes };
}

/** `date: the day to load` */
export function describeParam({ type, enum: choices, description }: PipelineParam): string {
  const kind = choices === undefined ? type : `one of ${choices.join(', ')}`;
  return description === undefined ? kind : `${kind}: ${description}`;
}

function hasVariables(value: ParamValue): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function defaultOf(
  { default: value }: PipelineParam,
  scheduledAtMs: number,
  timeZone: string,
): ParamValue | { readonly problem: string } | undefined {
  if (value === undefined || typeof value !== 'string') return value;
  const [mistake] = templateMistakes(value);
  if (mistake !== undefined) return { problem: `has a default that ${mistake.problem}` };
  try {
    return renderTexts(value, scheduledAtMs, timeZone);
  } catch (error) {
    if (!(error instanceof RunVariableError)) throw error;
    return { problem: error.message };
  }
}

/** A value as its parameter's type has it. */
function readValue(
  { type, enum: choices }: Pick<PipelineParam, 'type' | 'enum'>,
  value: ParamValue,
): ParamValue | { readonly problem: string } {
  const read = readers[type](value);
  if (typeof read === 'object') return read;
  if (choices === undefined || choices.some((choice) => String(choice) === String(read)))
    return read;
  const near = nearest(String(read), choices.map(String));
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return { problem: `is ${shown(read)}, and only ${choices.join(', ')} are allowed${hint}` };
}

type Reader = (value: ParamValue) => ParamValue | { readonly problem: string };

const readers: Readonly<Record<PipelineParam['type'], Reader>> = {
  string: (value) => String(value),
  number: (value) => {
    const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof read === 'number' && Number.isFinite(read)) return read;
    return { problem: `is ${shown(value)}; give a number` };
  },
  boolean: (value) => {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    return { problem: `is ${shown(value)}; give true or false` };
  },
  date: (value) => {
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(String(value));
    if (isDate && DateTime.fromISO(String(value)).isValid) return String(value);
    return { problem: `is ${shown(value)}; give a date such as 2026-05-01` };
  },
};
