import path from 'node:path';
import { stat } from 'node:fs/promises';
import { findInputs } from '../artifacts/find-inputs';
import { InputSelection } from '../artifacts/input-selection';
import type { PipelineStep } from '../contracts/pipeline';
import type { ChainBody, LinkisBody, SqlFlowBody } from './body-schemas';
import type { Places } from './places';

/** A refresh without files; of a SQLFlow job its own check tells. */
export function checkFilesNamed({ name, kind, body }: PipelineStep, places: Places): void {
  if (kind !== 'chain') return;
  const { files = [], filesFrom, changedSince } = body as ChainBody;
  if (files.length > 0 || filesFrom !== undefined || changedSince !== undefined) return;
  places.add(['steps', name, kind], 'names no files; give files', true);
}

/** Files, folders and globs that aren't there. Paths with expressions are looked at when they are known. */
export async function checkFiles(
  steps: readonly PipelineStep[],
  folder: string,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'linkis') await checkFile(step, folder, places);
    else if (step.kind !== 'approval') await checkInputs(step, folder, places, signal);
  }
}

async function checkFile(
  { name, body }: PipelineStep,
  folder: string,
  places: Places,
): Promise<void> {
  const { file } = body as LinkisBody;
  if (file === undefined || file.includes('{{')) return;
  const at = ['steps', name, 'linkis', 'file'];
  try {
    const found = await stat(path.resolve(folder, file));
    if (!found.isFile()) places.add(at, `"${file}" is no file; name the file that holds the code`);
  } catch {
    places.add(at, `"${file}" isn't there, seen from ${folder}; give its path`);
  }
}

async function checkInputs(
  { name, kind, body }: PipelineStep,
  folder: string,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  const { files = [], base } = body as SqlFlowBody | ChainBody;
  const at = ['steps', name, kind];
  if ([...files, base ?? ''].some((text) => text.includes('{{'))) return;
  for (const [index, value] of files.entries()) {
    if (value.startsWith('!')) continue;
    const problems: string[] = [];
    const selection = await InputSelection.of({ paths: [value], base }, folder);
    const found = await findInputs(selection, {
      roots: undefined,
      signal,
      onProblem: (_, message) => problems.push(message),
    });
    const isFile = selection.places.every((place) => place.kind === 'file');
    const missing = isFile ? await missingFile(found) : found.length === 0;
    if (problems[0] !== undefined)
      places.add([...at, 'files', index], `can't be used: ${problems[0]}`);
    else if (missing) {
      places.add(
        [...at, 'files', index],
        `"${value}" finds no file, seen from ${folder}; of a folder only SQL files are taken`,
      );
    }
  }
}

async function missingFile(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) return true;
  }
  return false;
}
