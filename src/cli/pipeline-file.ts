import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkPipeline, type CheckedPipeline } from '../pipeline-files/check-pipeline';
import { mistakeLine } from '../pipeline-files/places';
import { mostFileBytes } from '../pipeline-files/read-pipeline';
import type { PipelineDefinition } from '../contracts/pipeline';
import { chainConnection } from './chain-connection';
import { usageError } from './errors';
import type { Session } from './session';

/** A pipeline's file as it lies there: relative paths in it begin at its own folder. */
export interface PipelineFile extends CheckedPipeline {
  /** As one would type it here. */
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

/**
 * Reads and checks a pipeline's file.
 *
 * @throws CommandError where there is no such file
 */
export async function pipelineFile(session: Session, given: string): Promise<PipelineFile> {
  const file = path.resolve(session.context.cwd, given);
  const name = session.output.shortPath(file);
  const { connections } = await session.settings();
  const text = await readText(file, name);
  const folder = path.dirname(file);
  const { signal } = new AbortController();
  const checked = await checkPipeline(text, { file: name, folder, connections, signal });
  return { ...checked, name, folder };
}

/** @throws CommandError with every mistake, a line each, where there is one */
export function refusePipelineMistakes({ mistakes, name }: PipelineFile): void {
  if (mistakes.length === 0) return;
  const lines = mistakes.map(mistakeLine).join('\n');
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  throw usageError(`${name} has ${count}:\n${lines}`);
}

/**
 * The connection of chains that name none; undefined where every chain names its own.
 *
 * @throws CommandError where it can't be told
 */
export async function chainConnectionOf(
  session: Session,
  { steps }: PipelineDefinition,
): Promise<string | undefined> {
  const isNamed = ({ kind, body }: PipelineDefinition['steps'][number]) =>
    kind !== 'chain' || (body as { readonly connection?: string }).connection !== undefined;
  return steps.every(isNamed) ? undefined : chainConnection(session, undefined);
}

async function readText(file: string, name: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    // More is refused by its size, whatever it holds.
    return bytes.toString('utf8', 0, mostFileBytes + 1);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw usageError(`${name} isn't there; give a pipeline's file.`);
    throw usageError(`${name} can't be read: ${code ?? message}.`);
  }
}
