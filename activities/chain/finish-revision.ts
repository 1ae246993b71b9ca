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
import { clearOldRevisions, pointedRevision } from './revisions';

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
  const warnings: string[] = [];
  // A refresh whose chain was ended may come to its end behind those of the chain begun anew.
  const pointed = await pointedRevision(store, told, signal);
  if (pointed !== undefined && pointed > revision) {
    warnings.push(
      `${latestPointer} stays at revision ${pointed}, which another refresh of a chain of this name has left meanwhile`,
    );
  } else {
    await putJson(store, `${chainFolder(connection, chain)}/${latestPointer}`, latest, signal);
  }
  const retention = { connection, chain, keepRevisions, revision };
  warnings.push(...(await clearOldRevisions(store, retention, signal)));
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
