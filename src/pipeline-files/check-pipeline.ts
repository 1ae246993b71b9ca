import { nearest } from '../config/nearest';
import type { Vendor } from '../contracts/names';
import type { PipelineDefinition, PipelineMistake, PipelineStep } from '../contracts/pipeline';
import { checkExpressions } from './check-expressions';
import { checkFiles, checkFilesNamed } from './check-files';
import { checkGraph } from './check-graph';
import { checkDefaults } from './params';
import type { Places } from './places';
import { readPipeline } from './read-pipeline';
import { bodyMistakes, withoutBraces } from './sample-input';
import { fieldInFile, stepRun } from './step-run';

/** The connections of a configuration. */
export interface ConnectionNames {
  /** Those of a service. */
  names(vendor: Vendor): readonly string[];
}

/** What a pipeline is checked against. */
export interface CheckOptions {
  /** The file as messages name it. */
  readonly file: string;
  /**
   * What its relative paths begin at. Absolute.
   *
   * @default files aren't looked for: whoever may not read all of them leaves it to the staging
   */
  readonly folder?: string;
  /** Connections that are configured. @default not checked */
  readonly connections?: ConnectionNames;
  readonly signal: AbortSignal;
}

/** A pipeline as it was read, and what is wrong with it. */
export interface CheckedPipeline {
  /** Fit to be run where there are no mistakes. */
  readonly definition: PipelineDefinition;
  /** By their place in the file. */
  readonly mistakes: readonly PipelineMistake[];
}

/** Everything that is wrong with a pipeline's file, as far as it can be told before it runs. */
export async function checkPipeline(text: string, options: CheckOptions): Promise<CheckedPipeline> {
  const { definition, places, sound } = readPipeline(text, options.file);
  const names = stepNames(definition, places);
  checkGraph(definition.steps, names, places);
  checkDefaults(definition, places);
  checkExpressions(definition, places);
  const steps = definition.steps.filter(({ name }) => sound.has(name));
  for (const step of steps) {
    checkConnection(step, options, places);
    checkBody(step, definition, places);
    checkFilesNamed(step, places);
  }
  const { folder, signal } = options;
  if (folder !== undefined) await checkFiles(steps, folder, places, signal);
  return { definition, mistakes: places.mistakes };
}

/** Those with mistakes are no steps of the definition, but may be needed all the same. */
function stepNames({ steps }: PipelineDefinition, places: Places): readonly string[] {
  return [...new Set([...steps.map(({ name }) => name), ...places.keysAt(['steps'])])];
}

const vendors: Readonly<Record<PipelineStep['kind'], Vendor | undefined>> = {
  linkis: 'linkis',
  sqlflow: 'sqlflow',
  chain: 'sqlflow',
  approval: undefined,
};

function checkConnection(
  { name, kind, body }: PipelineStep,
  { connections }: CheckOptions,
  places: Places,
): void {
  const vendor = vendors[kind];
  if (vendor === undefined || connections === undefined) return;
  const { connection } = body as { readonly connection?: string };
  const known = connections.names(vendor);
  const path = ['steps', name, kind];
  if (connection === undefined) {
    if (known.length > 1) {
      places.add(path, `names no connection, and there are several: ${known.join(', ')}`, true);
    }
  } else if (!connection.includes('{{') && known.length > 0 && !known.includes(connection)) {
    const near = nearest(connection, known);
    const hint =
      near === undefined
        ? `${vendor} connections are ${known.join(', ')}`
        : `did you mean "${near}"?`;
    places.add(
      [...path, 'connection'],
      `is "${connection}", which is no ${vendor} connection; ${hint}`,
    );
  }
}

/** What the workflow itself would refuse; of texts with expressions that is told when they are filled in. */
function checkBody(
  step: PipelineStep,
  { name: pipeline }: PipelineDefinition,
  places: Places,
): void {
  const context = { pipeline, folder: '/', chainConnection: 'sqlflow' };
  const filled = { ...step, body: withoutBraces(step.body) };
  const given = new Map(
    bodyMistakes(stepRun(step, context)).map((one) => [one.field, one.problem]),
  );
  for (const { field, problem } of bodyMistakes(stepRun(filled, context))) {
    // Wrong with the expression and without it: it isn't the expression.
    if (given.get(field) !== problem) continue;
    places.add(['steps', step.name, ...fieldInFile(step.kind, field)], problem);
  }
}
