import { text } from 'node:stream/consumers';
import type { ArtifactStore } from '../../src/artifacts/store';
import {
  chainFolder,
  latestPointer,
  revisionArtifacts,
  revisionFolder,
  type FileError,
  type RefreshResult,
} from '../../src/contracts/chain';
import type {
  FileErrors,
  FinishedRevision,
  FinishRevisionInput,
} from '../../src/contracts/chain-steps';
import { putJson } from './put-json';
import { revisionsIn } from './revisions';

/** File errors that `result.json` tells; all of them stand in `file-errors.json`. */
const mostFileErrors = 1000;

/** Writes the result, then moves the pointer, then clears away what is too old. */
export async function finishRevision(
  store: ArtifactStore,
  { result: told, latest, keepRevisions }: FinishRevisionInput,
  signal: AbortSignal,
): Promise<FinishedRevision> {
  const { connection, chain, revision } = told;
  const fileErrors = await readFileErrors(store, told.artifacts.fileErrors?.uri, signal);
  const result: RefreshResult = { ...told, fileErrors: fileErrors.slice(0, mostFileErrors) };
  const key = `${revisionFolder(connection, chain, revision)}/${revisionArtifacts.result}`;
  const ref = await putJson(store, key, result, signal);
  await putJson(store, `${chainFolder(connection, chain)}/${latestPointer}`, latest, signal);
  const warnings = await clearOld(store, told, keepRevisions, signal);
  return { result: ref, warnings };
}

async function readFileErrors(
  store: ArtifactStore,
  uri: string | undefined,
  signal: AbortSignal,
): Promise<readonly FileError[]> {
  if (uri === undefined) return [];
  return (JSON.parse(await text(await store.open(uri, signal))) as FileErrors).errors;
}

/** The latest is kept whatever its number; a store that can't remove costs the refresh nothing. */
async function clearOld(
  store: ArtifactStore,
  { connection, chain, revision }: Pick<RefreshResult, 'connection' | 'chain' | 'revision'>,
  keepRevisions: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const folder = chainFolder(connection, chain);
    const newestFirst = await revisionsIn(store, folder, signal);
    for (const number of newestFirst.slice(Math.max(1, keepRevisions))) {
      if (number !== revision) await store.removeFolder(`${folder}/${number}`, signal);
    }
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [
      `old revisions could not be removed: ${error instanceof Error ? error.message : String(error)}`,
    ];
  }
}
