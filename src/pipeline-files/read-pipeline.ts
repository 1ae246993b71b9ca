import { mistakesOf } from '../config/mistakes';
import { nearest } from '../config/nearest';
import { YamlSettings } from '../config/yaml-settings';
import { timeZoneProblem } from '../calendar/render';
import {
  defaultMaxParallel,
  mostSteps,
  paramName,
  stepName,
  type PipelineDefinition,
  type PipelineParam,
  type PipelineStep,
} from '../contracts/pipeline';
import type { PipelineStepKind } from '../contracts/pipeline-run';
import type { StepRetry } from '../contracts/pipeline-steps';
import type { z } from 'zod';
import { Places } from './places';
import { bodySchemas, kinds, paramSchema, stepSchema, topSchema } from './schema';

/** Of a pipeline's file; more is no text that a person wrote. */
export const mostFileBytes = 8 * 2 ** 20;
const usualRetry = { initialMs: 10_000, factor: 2, mostMs: 5 * 60_000 };

export interface ReadPipeline {
  /** What could be read. */
  readonly definition: PipelineDefinition;
  /** Steps whose settings are what they should be; of others only what the rest needs was read. */
  readonly sound: ReadonlySet<string>;
  readonly places: Places;
}

/**
 * Reads a pipeline's file, YAML or JSON. Whatever the text is, this answers: what is wrong with it
 * is in `places`.
 *
 * @param file as messages name it
 */
export function readPipeline(text: string, file: string): ReadPipeline {
  const isHuge = Buffer.byteLength(text) > mostFileBytes;
  const source = new YamlSettings(isHuge ? '' : text);
  const places = new Places(file, source);
  const value = asRecord(source.value);
  if (isHuge)
    places.add([], `has over ${mostFileBytes / 2 ** 20} MiB; make several pipelines of it`);
  else if (source.syntaxMistakes.length === 0) places.addAll(mistakesOf(topSchema, source.value));

  const params = readParams(asRecord(value.params), places);
  const { steps, sound } = readSteps(asRecord(value.steps), value.onCancel, places);
  const top = topSchema.partial().safeParse({ ...value, params: undefined, steps: undefined });
  const { name = '', description, timeZone = 'UTC', maxParallel, timeout } = top.data ?? {};
  const zone = timeZoneProblem(timeZone);
  if (zone !== undefined) places.add(['timeZone'], `is "${timeZone}", ${zone}`);
  return {
    places,
    sound,
    definition: {
      name,
      description,
      timeZone: zone === undefined ? timeZone : 'UTC',
      params,
      maxParallel: maxParallel ?? defaultMaxParallel,
      timeoutMs: timeout,
      steps,
    },
  };
}

function readParams(
  values: Readonly<Record<string, unknown>>,
  places: Places,
): Record<string, PipelineParam> {
  const params: Record<string, PipelineParam> = {};
  for (const [name, value] of Object.entries(values)) {
    const path = ['params', name];
    const problem = nameProblem(name, paramName, 'parameter: take letters, digits and "_"');
    if (problem !== undefined) places.add(path, problem, true);
    places.addAll(mistakesOf(paramSchema, value, path));
    const read = paramSchema.safeParse(value);
    if (read.success && problem === undefined) params[name] = read.data;
  }
  return params;
}

function readSteps(
  values: Readonly<Record<string, unknown>>,
  onCancel: unknown,
  places: Places,
): { readonly steps: PipelineStep[]; readonly sound: ReadonlySet<string> } {
  const entries = Object.entries(values);
  if (entries.length > mostSteps) {
    places.add(['steps'], `are ${entries.length}, and a pipeline has at most ${mostSteps}`, true);
    return { steps: [], sound: new Set() };
  }
  const steps: PipelineStep[] = [];
  const sound = new Set<string>();
  for (const [name, value] of entries) {
    const path = ['steps', name];
    const problem = nameProblem(
      name,
      stepName,
      'step: begin with a letter, then up to 62 letters, digits, "_" and "-"',
    );
    if (problem !== undefined) places.add(path, problem, true);
    places.addAll(mistakesOf(stepSchema, value, path));
    const step = asRecord(value);
    const given = kinds.filter((kind) => step[kind] !== undefined && step[kind] !== null);
    const [kind] = given;
    if (kind === undefined || given.length > 1) {
      if (typeof value === 'object' && value !== null) {
        places.add(path, kindProblem(Object.keys(step), given), true);
      }
      continue;
    }
    places.addAll(mistakesOf(bodySchemas[kind], step[kind], [...path, kind]));
    const common = stepSchema.safeParse(step);
    const body = bodySchemas[kind].safeParse(step[kind]);
    if (!common.success || !body.success) {
      steps.push(brokenStep(name, kind, step));
      continue;
    }
    const { needs = [], when = 'success', retry, timeout } = common.data;
    sound.add(name);
    steps.push({
      name,
      kind,
      needs,
      when,
      retry: retryOf(retry),
      timeoutMs: timeout,
      body: withOnCancel(kind, body.data, onCancel),
    });
  }
  if (entries.length === 0 && values !== noValues) {
    places.add(['steps'], 'has no step; give one at least', true);
  }
  return { steps, sound };
}

function nameProblem(name: string, pattern: RegExp, what: string): string | undefined {
  if (!pattern.test(name)) return `is no name for a ${what}`;
  // They would be found in every table of names, also where nobody put them.
  return name in Object.prototype ? 'is a name that JavaScript has taken: take another' : undefined;
}

/** As much of a step as the others' checks need. */
function brokenStep(
  name: string,
  kind: PipelineStepKind,
  step: Readonly<Record<string, unknown>>,
): PipelineStep {
  const needs = [step.needs].flat().filter((need) => typeof need === 'string');
  return { name, kind, needs, when: 'success', body: asRecord(step[kind]) };
}

function kindProblem(keys: readonly string[], given: readonly PipelineStepKind[]): string {
  if (given.length > 1) return `is both ${given.join(' and ')}; make two steps of it`;
  const near = keys.map((key) => nearest(key, kinds)).find((kind) => kind !== undefined);
  return `does nothing: give one of ${kinds.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

function withOnCancel(kind: PipelineStepKind, body: object, onCancel: unknown): unknown {
  if (kind !== 'sqlflow' || (onCancel !== 'delete' && onCancel !== 'abandon')) return body;
  const { onCancel: own, persist } = body as z.output<typeof bodySchemas.sqlflow>;
  return persist === true ? body : { ...body, onCancel: own ?? onCancel };
}

function retryOf(retry: z.output<typeof stepSchema>['retry']): StepRetry | undefined {
  if (retry === undefined) return undefined;
  if (typeof retry === 'number') return { maxAttempts: retry, ...usualRetry };
  const { maxAttempts, wait, factor, mostWait } = retry;
  return {
    maxAttempts,
    initialMs: wait ?? usualRetry.initialMs,
    factor: factor ?? usualRetry.factor,
    mostMs: mostWait ?? Math.max(usualRetry.mostMs, wait ?? 0),
  };
}

const noValues: Readonly<Record<string, unknown>> = {};

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : noValues;
}
