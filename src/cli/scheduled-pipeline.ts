import { access } from 'node:fs/promises';
import path from 'node:path';
import { describeMistakes } from '../contracts/findings';
import { pipelineName } from '../contracts/pipeline';
import type { ScheduledPipeline } from '../contracts/schedule';
import { resolveParams } from '../pipeline-files/params';
import type { PipelineOptions } from './commands/pipeline-run';
import { usageError } from './errors';
import { keyValues } from './key-values';
import { chainConnectionOf, pipelineFile, refusePipelineMistakes } from './pipeline-file';
import type { Session } from './session';

/**
 * A pipeline as a schedule keeps it: by its file, which each run reads anew. Where the file lies here
 * too it is checked now; one that only the worker has is checked by each run.
 *
 * @param file absolute
 * @throws CommandError with every mistake
 */
export async function scheduledPipeline(
  session: Session,
  file: string,
  { param, only, from, deadline }: PipelineOptions,
): Promise<ScheduledPipeline> {
  const params = keyValues('--param', param);
  const kept = { type: 'pipeline', file, params, only, from, timeoutMs: deadline } as const;
  const isHere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isHere) {
    const base = path.parse(file).name;
    return { ...kept, name: pipelineName.test(base) ? base : 'pipeline' };
  }
  const checked = await pipelineFile(session, file);
  refusePipelineMistakes(checked);
  const { definition } = checked;
  const { mistakes } = resolveParams(definition, {
    given: withoutVariables(params),
    scheduledAtMs: Date.now(),
  });
  const wrong = mistakes.filter(({ field }) => !params[field]?.includes('{{'));
  if (wrong.length > 0) throw usageError(`parameter ${describeMistakes(wrong)}`);
  const chainConnection = await chainConnectionOf(session, definition);
  return { ...kept, name: definition.name, chainConnection };
}

/** What a value with variables comes to is told when it is known. */
function withoutVariables(params: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.entries(params).filter(([, value]) => !value.includes('{{'));
  return Object.fromEntries(known);
}
