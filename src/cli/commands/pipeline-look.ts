import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { resolveParams } from '../../pipeline-files/params';
import { drawPipeline } from '../../pipeline-files/draw-pipeline';
import { mermaid } from '../../pipeline-files/mermaid';
import { mistakeLine } from '../../pipeline-files/places';
import { collected, command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { keyValues } from '../key-values';
import { pipelineFile, refusePipelineMistakes } from '../pipeline-file';

interface CheckOptions {
  readonly param?: readonly string[];
}

export const paramOption = new Option(
  '--param <NAME=VALUE>',
  "a parameter's value; may be given again",
).argParser(collected);

export const pipelineCheck = command<CheckOptions, [readonly string[]]>({
  name: 'pipeline check',
  summary: 'find every mistake in a pipeline, with its line, before it runs',
  description: `Names every mistake as FILE:LINE:COLUMN with a hint: unknown settings and steps, circles, missing
parameters, wrong types, unknown connections, files that aren't there. Nothing is sent anywhere.
Where --param is given, the parameters are checked as a run would.`,
  arguments: [{ usage: '<FILE...>', description: "pipelines' files, YAML or JSON" }],
  options: [paramOption],
  output: ['pipelineChecked'],
  examples: [
    'remote-jobs pipeline check etl.yaml',
    'remote-jobs pipeline check etl.yaml --param day=2026-05-01',
  ],
  run: async (session, { param }, files) => {
    const { output } = session;
    const checked = [];
    for (const given of files) {
      const { name, definition, mistakes } = await pipelineFile(session, given);
      const { params, steps } = definition;
      const wrong =
        param === undefined
          ? []
          : resolveParams(definition, {
              given: keyValues('--param', param),
              scheduledAtMs: Date.now(),
            }).mistakes;
      const isRight = mistakes.length === 0 && wrong.length === 0;
      for (const mistake of mistakes) output.print(mistakeLine(mistake));
      for (const { field, problem } of wrong)
        output.print(`${name}: parameter ${field} ${problem}`);
      if (isRight) {
        const inAll = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
        const names = Object.keys(params);
        const taken = names.length === 0 ? '' : `, parameters ${names.join(', ')}`;
        output.print(`${name}: ${definition.name} is right: ${inAll}${taken}`);
      }
      const count = steps.length;
      const told = [
        ...mistakes.map(({ file: _, ...mistake }) => mistake),
        ...wrong.map(({ field, problem }) => ({ field: `params.${field}`, problem })),
      ];
      checked.push({
        file: name,
        name: definition.name,
        ok: isRight,
        steps: count,
        mistakes: told,
      });
    }
    const ok = checked.every((one) => one.ok);
    output.json({ ok, files: checked });
    return ok ? exitCodes.done : exitCodes.usage;
  },
});

interface GraphOptions {
  readonly format?: 'mermaid' | 'svg';
  readonly out?: string;
}

export const pipelineGraph = command<GraphOptions, [string]>({
  name: 'pipeline graph',
  summary: "draw a pipeline's steps and what they need",
  description: `Draws the steps from left to right: as Mermaid, which a Git host shows in Markdown, or as an SVG.
Arrows of steps that run after a failure, or always, are dashed and say so.`,
  arguments: [{ usage: '<FILE>', description: "a pipeline's file" }],
  options: [
    new Option(
      '--format <FORMAT>',
      'how (default: mermaid, or svg where --out ends in .svg)',
    ).choices(['mermaid', 'svg']),
    new Option('--out <FILE>', 'where to (default: to stdout)'),
  ],
  output: ['pipelineDrawn'],
  examples: [
    'remote-jobs pipeline graph etl.yaml',
    'remote-jobs pipeline graph etl.yaml --out etl.svg',
  ],
  run: async (session, options, given) => {
    const { output, context } = session;
    if (options.out?.trim() === '') throw usageError('--out is blank; name a file.');
    const checked = await pipelineFile(session, given);
    refusePipelineMistakes(checked);
    const isSvg = path.extname(options.out ?? '').toLowerCase() === '.svg';
    const format = options.format ?? (isSvg ? 'svg' : 'mermaid');
    const text = format === 'svg' ? drawPipeline(checked.definition) : mermaid(checked.definition);
    if (options.out === undefined) {
      if (output.mode === 'json') output.json({ name: checked.definition.name, format, text });
      else output.raw(text);
      return exitCodes.done;
    }
    const file = path.resolve(context.cwd, options.out);
    try {
      await writeFile(file, text);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw usageError(`${output.shortPath(file)} can't be written: ${code ?? message}.`);
    }
    output.print(`${checked.definition.name} in ${output.shortPath(file)}`);
    output.json({ name: checked.definition.name, format, out: file });
    return exitCodes.done;
  },
});
