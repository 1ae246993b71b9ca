import path from 'node:path';
import { text } from 'node:stream/consumers';
import { stageFiles } from '../../src/artifacts/staging';
import { renderTexts } from '../../src/calendar/render';
import { describeMistakes } from '../../src/contracts/findings';
import { leftOutBy } from '../../src/contracts/pipeline-selection';
import type { PipelineInput } from '../../src/contracts/pipeline-steps';
import type { PrepareRunInput, ScheduledPipeline } from '../../src/contracts/schedule';
import { checkPipeline } from '../../src/pipeline-files/check-pipeline';
import { resolveParams } from '../../src/pipeline-files/params';
import { mistakeLine } from '../../src/pipeline-files/places';
import { stagePipeline } from '../../src/pipeline-files/stage-pipeline';
import { invalidInput } from '../failure';
import type { ActivityResources } from '../resources';

/** Lines of a file's mistakes that a failure names. */
const mostMistakes = 8;

/** A pipeline's file as it is now, read below the worker's roots, for the time that the run is for. */
export async function preparePipeline(
  { artifacts, connections, inputRoots: roots, limits }: ActivityResources,
  { run, timeZone, scheduledAtMs }: PrepareRunInput & { readonly run: ScheduledPipeline },
  signal: AbortSignal,
): Promise<PipelineInput> {
  const { file, params = {}, timeoutMs, chainConnection } = run;
  const folder = path.dirname(file);
  const [staged] = await stageFiles(artifacts, [file], { roots, limits, signal });
  const source = await text(await artifacts.open(staged?.artifact.uri ?? '', signal));
  const { definition, mistakes } = await checkPipeline(source, {
    file: path.basename(file),
    // No folder: files are found by the staging, below the worker's roots alone.
    connections,
    signal,
  });
  refuse(mistakes.slice(0, mostMistakes).map(mistakeLine));
  const given = renderTexts(params, scheduledAtMs, timeZone);
  const { values, mistakes: wrong } = resolveParams(definition, { given, scheduledAtMs });
  if (wrong.length > 0) refuse([`parameter ${describeMistakes(wrong)}`]);
  const input = await stagePipeline(artifacts, definition, {
    params: values,
    scheduledAtMs,
    folder,
    chainConnection,
    roots,
    limits,
    signal,
  });
  const { leftOut, mistakes: unknown } = leftOutBy(input.graph, run);
  if (unknown.length > 0) refuse([describeMistakes(unknown)]);
  const { graph } = input;
  const shorterMs = Math.min(graph.timeoutMs ?? Infinity, timeoutMs ?? Infinity);
  return {
    ...input,
    graph: { ...graph, timeoutMs: Number.isFinite(shorterMs) ? shorterMs : undefined },
    ...(leftOut.length > 0 && { leftOut }),
  };
}

function refuse(lines: readonly string[]): void {
  if (lines.length > 0) throw invalidInput(lines.join('\n'));
}
