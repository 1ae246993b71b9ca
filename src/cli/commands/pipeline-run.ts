import { Option } from 'commander';
import { describeMistakes } from '../../contracts/findings';
import { leftOutBy } from '../../contracts/pipeline-selection';
import { resolveParams } from '../../pipeline-files/params';
import { stagePipeline } from '../../pipeline-files/stage-pipeline';
import { pipelineRetry } from '../../starter/pipeline-retry';
import { listPipelines, type PipelineSummary } from '../../starter/pipelines';
import { collected, command } from '../command';
import { formatDuration, localTime } from '../durations';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { keyValues } from '../key-values';
import { countOption } from '../number-options';
import { chainConnectionOf, pipelineFile, refusePipelineMistakes } from '../pipeline-file';
import { count } from '../preview';
import { runPipeline, type PipelineRunOptions } from '../run-pipeline';
import { runOptions } from '../run-options';
import type { Output } from '../output';
import { renderTable } from '../tables';
import { paramOption } from './pipeline-look';

const pipelineOptions = runOptions.filter((option) => option.attributeName() !== 'connection');

export interface PipelineOptions extends PipelineRunOptions {
  readonly param?: readonly string[];
  readonly only?: readonly string[];
  readonly from?: readonly string[];
}

export const pipelineRun = command<PipelineOptions, [string]>({
  name: 'pipeline run',
  summary: "run a pipeline's steps, each as a job of its own",
  description: `Checks the file, stages what its steps read, and runs the steps as their needs allow. A failed step
stops what needs it, everything else comes to its end, and the run fails; \`pipeline retry\` goes on
from there. A cancel reaches every remote job and waits for the proof.
Each step is a workflow with the id ID/STEP, for watch, logs, results and cancel.`,
  arguments: [{ usage: '<FILE>', description: "a pipeline's file, YAML or JSON" }],
  options: [
    paramOption,
    new Option('--only <STEP>', 'run this step alone; may be given again').argParser(collected),
    new Option('--from <STEP>', 'run this step and what needs it; may be given again').argParser(
      collected,
    ),
    ...pipelineOptions,
  ],
  output: ['detached', 'pipelineEnded'],
  examples: [
    'remote-jobs pipeline run etl.yaml --param day=2026-05-01',
    'remote-jobs pipeline run etl.yaml --only load --out load',
    'remote-jobs pipeline run etl.yaml --from lineage --detach',
  ],
  run: async (session, options, given) => {
    const file = await pipelineFile(session, given);
    refusePipelineMistakes(file);
    const { definition, folder } = file;
    const scheduledAtMs = Date.now();
    const { values: params, mistakes } = resolveParams(definition, {
      given: keyValues('--param', options.param) ?? {},
      scheduledAtMs,
    });
    if (mistakes.length > 0) throw usageError(`parameter ${describeMistakes(mistakes)}`);
    const chainConnection = await chainConnectionOf(session, definition);
    const { limits } = (await session.settings()).jobs;
    return runPipeline(session, options, {
      prepare: async (_client, store, signal) => {
        const input = await stagePipeline(store, definition, {
          params,
          scheduledAtMs,
          folder,
          chainConnection,
          limits,
          signal,
          onStep: (name) => session.output.status(`staging · ${name}`),
        });
        const { leftOut, mistakes: wrong } = leftOutBy(input.graph, options);
        if (wrong.length > 0) throw usageError(describeMistakes(wrong));
        const ran = definition.steps.length - leftOut.length;
        session.output.say(`${definition.name}: ${count(ran, 'step')}`);
        return { ...input, leftOut: leftOut.length > 0 ? leftOut : undefined };
      },
    });
  },
});

export const pipelineRetryCommand = command<PipelineRunOptions, [string]>({
  name: 'pipeline retry',
  summary: 'run again what failed or was skipped',
  description: `Runs the steps of an ended run that didn't succeed, with its definition, its parameters and its
files as they were then; what succeeded is reused, with its results. A retry can be retried.`,
  arguments: [{ usage: '<ID>', description: "the run's id" }],
  options: pipelineOptions,
  output: ['detached', 'pipelineEnded'],
  examples: ['remote-jobs pipeline retry pipeline/nightly/1f0c2d3e'],
  run: (session, options, id) =>
    runPipeline(session, options, {
      prepare: async (client) => {
        const { input, reused, runs } = await pipelineRetry(client, id);
        const { output } = session;
        output.say(`Reuses ${count(reused.length, 'step')}${named(reused)}`);
        output.say(`Runs ${count(runs.length, 'step')}${named(runs)}`);
        return input;
      },
    }),
});

const mostNamed = 12;

function named(steps: readonly string[]): string {
  if (steps.length === 0) return '';
  const more = steps.length > mostNamed ? `, … (${steps.length - mostNamed} more)` : '';
  return `: ${steps.slice(0, mostNamed).join(', ')}${more}`;
}

interface ListOptions {
  readonly name?: string;
  readonly running?: boolean;
  readonly limit: number;
}

export const pipelineList = command<ListOptions>({
  name: 'pipeline list',
  summary: "pipelines' runs, the newest first",
  options: [
    new Option('--name <NAME>', 'only runs of this pipeline'),
    new Option('--running', 'only what runs now'),
    new Option('--limit <N>', 'so many at most').argParser(countOption(1)).default(50),
  ],
  output: ['pipelines'],
  examples: ['remote-jobs pipeline list', 'remote-jobs pipeline list --name nightly --limit 365'],
  run: async (session, { name, running, limit }) => {
    const client = await session.client();
    const { output } = session;
    const runs: PipelineSummary[] = [];
    for await (const run of listPipelines(client, { name, runningOnly: running, limit })) {
      runs.push(run);
    }
    output.json({ pipelines: runs.map((run) => ({ id: run.workflowId, ...run })) });
    if (runs.length > 0) printRuns(output, runs);
    output.say(runs.length === 0 ? 'No runs yet.' : count(runs.length, 'run'));
    return exitCodes.done;
  },
});

function printRuns(output: Output, runs: readonly PipelineSummary[]): void {
  output.print(
    renderTable({
      columns: ['id', 'status', 'steps', 'started', 'took'],
      rows: runs.map(({ workflowId, status, pipeline, startedAt, closedAt }) => [
        workflowId,
        status.toLowerCase(),
        stepWords(pipeline),
        localTime(startedAt),
        formatDuration((closedAt?.getTime() ?? Date.now()) - startedAt.getTime()),
      ]),
      width: output.columns,
      uncut: [0, 1, 3, 4],
      heading: output.colors.dim,
    }),
  );
}

/** `12 succeeded, 1 failed`; while it runs, how many there are. */
function stepWords(pipeline: PipelineSummary['pipeline']): string {
  if (pipeline === undefined) return '';
  const { counts, steps } = pipeline;
  if (counts === undefined) return count(steps, 'step');
  const parts = Object.entries(counts).filter(([, some]) => some > 0);
  return parts.map(([standing, some]) => `${some} ${standing}`).join(', ');
}
