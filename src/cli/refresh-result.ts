import { json } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';
import {
  revisionArtifacts,
  revisionFolder,
  type RefreshDone,
  type RefreshOutcome,
  type RefreshResult,
} from '../contracts/chain';
import { LineageError } from '../lineage/errors';
import { latestRevision, revisionResult, type ChainPlace } from '../lineage/revisions';
import { chainState } from '../starter/chains';
import { describeJob } from '../starter/describe';
import type { JobOutcome } from '../starter/outcome';
import type { RefreshStanding } from '../starter/refresh-standing';
import type { EndedRun } from './report-outcome';
import type { ResultFiles } from './result-folder';
import { connectionFlag } from './chain-connection';
import type { Session } from './session';

/** What a workflow returned that asked for a refresh, or was one. */
export type RefreshReturn = RefreshOutcome | RefreshDone;

/** What both tell. */
export type RefreshTold = Omit<RefreshOutcome, 'requestId' | 'startedAtMs' | 'endedAtMs'>;

export function isRefreshReturn(result: unknown): result is RefreshReturn {
  if (typeof result !== 'object' || result === null) return false;
  return 'end' in result && ('requestId' in result || 'files' in result);
}

export function toldOf(result: RefreshReturn): RefreshTold {
  if ('requestId' in result) return result;
  if (result.end === 'unchanged') return { ...result, generation: 0 };
  const { generation, latest, files, counts, warnings } = result;
  return {
    end: 'refreshed',
    revision: latest.revision,
    generation: generation.generation,
    jobId: generation.jobId,
    files,
    lineage: counts,
    warnings,
    result: result.result,
  };
}

/** Whose revisions they are, and where they are kept. */
export type RevisionPlace = Pick<ChainPlace, 'store' | 'signal'>;

/** The revision that a refresh made; the latest one where it made none and there is one. */
export async function revisionOf(
  result: RefreshReturn,
  standing: Pick<RefreshStanding, 'connection' | 'chain'> | undefined,
  place: RevisionPlace,
): Promise<RefreshResult | undefined> {
  const { result: own } = toldOf(result);
  if (own !== undefined) {
    return (await json(await place.store.open(own.uri, place.signal))) as RefreshResult;
  }
  if (standing === undefined) return undefined;
  const chain = { ...place, connection: standing.connection, chain: standing.chain };
  try {
    return await revisionResult(chain, (await latestRevision(chain)).revision);
  } catch (error) {
    if (error instanceof LineageError) return undefined;
    throw error;
  }
}

/** A revision's files, under the names that they have in its folder. */
export function revisionFiles(revision: RefreshResult): ResultFiles {
  const names = Object.entries(revisionArtifacts) as [keyof typeof revisionArtifacts, string][];
  return {
    result: revision,
    artifacts: names.flatMap(([kind, name]) => {
      const ref = kind === 'result' ? undefined : revision.artifacts[kind];
      return ref === undefined ? [] : [[name, ref] as const];
    }),
  };
}

/** What a refresh that failed has left of its revision, to be looked at: no `result.json`. */
export async function leftFiles(
  store: ArtifactStore,
  { connection, chain }: Pick<RefreshStanding, 'connection' | 'chain'>,
  revision: number,
  signal: AbortSignal,
): Promise<ResultFiles> {
  const folder = revisionFolder(connection, chain, revision);
  const artifacts: [string, ArtifactRef][] = [];
  for (const [kind, name] of Object.entries(revisionArtifacts)) {
    if (kind === 'result') continue;
    const ref = await store.find(`${folder}/${name}`, 'binary', signal);
    if (ref !== undefined) artifacts.push([name, ref]);
  }
  return { artifacts };
}

/** What is to be known of a refresh that has ended; nothing where a workflow was none. */
export async function endedStanding(
  session: Session,
  { client, workflowId, runId }: { client: Client; workflowId: string; runId: string },
  { kind }: Pick<JobOutcome<unknown>, 'kind'>,
): Promise<Pick<EndedRun, 'refresh' | 'leftRevision' | 'hasLatest' | 'onConnection'>> {
  const { refresh } = await describeJob(client, workflowId, runId);
  if (refresh === undefined) return {};
  const { connection, chain, requestId } = refresh;
  const onConnection = await connectionFlag(session, connection);
  if (kind === 'succeeded') return { refresh, onConnection };
  // The chain alone knows it. Without a worker it doesn't answer, and then there are no files.
  const state = await chainState(client, connection, chain, { withinMs: 5_000 }).catch(
    () => undefined,
  );
  const own = state?.refreshes.find((outcome) => outcome.requestId === requestId);
  const hasLatest = state?.latest !== undefined;
  return { refresh, onConnection, leftRevision: own?.revision, hasLatest };
}
