import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import type { PipelineState, PipelineStepState } from '../contracts/pipeline-run';
import { describeJob } from '../starter/describe';
import type { PipelineResult } from '../contracts/pipeline-steps';
import { awaitOutcome, type JobOutcome } from '../starter/outcome';
import { pipelineState } from '../starter/pipelines';
import type { ExitCode } from './exit-codes';
import { shellWord } from '../contracts/words';
import { count } from './preview';
import { isRefreshReturn, revisionFiles, revisionOf, type RefreshReturn } from './refresh-result';
import { reportPipeline } from './report-pipeline';
import { namedArtifacts, ResultFolder, type JobResult, type WrittenFile } from './result-folder';
import type { Session } from './session';

/** Where a run's files come from. */
export interface PipelineSource {
  readonly client: Client;
  readonly store: ArtifactStore;
  readonly workflowId: string;
  readonly signal: AbortSignal;
}

/**
 * Writes what a run left: a folder for each step that succeeded, those of the run that a retry took
 * over among them, and `result.json`, which tells how all steps stand.
 */
export async function writePipelineResults(
  folder: ResultFolder,
  source: PipelineSource,
): Promise<readonly WrittenFile[]> {
  const state = await pipelineState(source.client, source.workflowId);
  const written: WrittenFile[] = [];
  for (const step of state.steps) written.push(...(await writeStep(folder.path, step, source)));
  const { signal, store } = source;
  const top = await folder.write({ result: resultOf(state), artifacts: [] }, store, signal);
  return [...top, ...written];
}

/** Tells how a run ended, writes what it left where a folder is named, and answers the exit code. */
export async function pipelineResults(
  session: Session,
  workflowId: string,
  outcome: JobOutcome<PipelineResult>,
  folder: ResultFolder | undefined,
): Promise<ExitCode> {
  const { output } = session;
  const exitCode = reportPipeline(output, { workflowId, outcome });
  if (folder === undefined) {
    output.say(
      `Get the files of all steps: remote-jobs results ${shellWord(workflowId)} --out DIR`,
    );
    return exitCode;
  }
  const client = await session.client();
  const { artifacts: store } = await session.settings();
  const { signal } = new AbortController();
  const files = await writePipelineResults(folder, { client, store, workflowId, signal });
  output.say(`${count(files.length, 'file')} in ${output.shortPath(folder.path)}`);
  return exitCode;
}

function resultOf({ nextStep: _nextStep, ...state }: PipelineState): object {
  return state;
}

async function writeStep(
  folder: string,
  { name, kind, standing, workflowId, runId }: PipelineStepState,
  { client, store, signal }: PipelineSource,
): Promise<readonly WrittenFile[]> {
  const isThere = standing === 'succeeded' || standing === 'reused';
  if (!isThere || kind === 'approval' || workflowId === undefined) return [];
  // The id alone may be another run's by now. The outcome is that of the last attempt.
  const outcome = await awaitOutcome<JobResult | RefreshReturn>(client, workflowId, runId);
  if (outcome.kind !== 'succeeded') return [];
  const { result } = outcome;
  const own = await ResultFolder.prepare(path.join(folder, name));
  if (!isRefreshReturn(result)) {
    return own.write({ result, artifacts: namedArtifacts(result) }, store, signal);
  }
  const { refresh } = await describeJob(client, workflowId, runId);
  const revision = await revisionOf(result, refresh, { store, signal });
  if (revision !== undefined) return own.write(revisionFiles(revision), store, signal);
  await own.abandon();
  return [];
}
