import { gatherInputs } from '../../src/artifacts/gather-inputs';
import { readManifest } from '../../src/artifacts/manifest';
import { stageFiles } from '../../src/artifacts/staging';
import { renderTexts } from '../../src/calendar/render';
import type { StagedFile } from '../../src/contracts/artifact';
import type { ManifestRef } from '../../src/contracts/chain';
import type {
  PreparedPipeline,
  PreparedRun,
  PrepareRunInput,
  ScheduledFiles,
} from '../../src/contracts/schedule';
import { validateChainRefresh } from '../../src/contracts/validate-chain';
import { validateLinkisTask } from '../../src/contracts/validate-linkis';
import {
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../../src/contracts/validate-sqlflow';
import type { ActivityResources } from '../resources';
import { refuseMistakes } from '../submission';
import { preparePipeline } from './prepare-pipeline';

/** What a scheduled run will do, for the time that it is for. */
export async function prepareRun(
  resources: ActivityResources,
  { run, timeZone, scheduledAtMs }: PrepareRunInput,
  signal: AbortSignal,
): Promise<PreparedRun | PreparedPipeline> {
  if (run.type === 'pipeline') {
    return {
      type: run.type,
      input: await preparePipeline(resources, { run, timeZone, scheduledAtMs }, signal),
    };
  }
  const due = renderTexts(run, scheduledAtMs, timeZone);
  switch (due.type) {
    case 'chainRefresh': {
      const inputs = await gather(resources, due.files, signal);
      const input = { ...due.refresh, inputs, scheduledAtMs };
      refuseMistakes(validateChainRefresh(input));
      return { type: due.type, input };
    }
    case 'sqlflowJob': {
      const input = { ...due.job, files: await filesOf(resources, due, signal) };
      refuseMistakes(validateSqlFlowJob(input));
      return { type: due.type, input };
    }
    case 'sqlflowPersistJob': {
      const input = { ...due.job, files: await filesOf(resources, due, signal) };
      refuseMistakes(validateSqlFlowPersistJob(input));
      return { type: due.type, input };
    }
    case 'linkisTask': {
      const codeFile = await stageCode(resources, due.codeFile, signal);
      const input = { ...due.job, codeFile };
      refuseMistakes(validateLinkisTask(input));
      return { type: due.type, input };
    }
  }
}

function gather(
  { artifacts, inputRoots, limits }: ActivityResources,
  { folder, ...what }: ScheduledFiles,
  signal: AbortSignal,
): Promise<ManifestRef> {
  return gatherInputs(artifacts, what, { roots: inputRoots, limits, cwd: folder, signal });
}

async function filesOf(
  resources: ActivityResources,
  { files, job }: { readonly files: ScheduledFiles; readonly job: { readonly database?: unknown } },
  signal: AbortSignal,
): Promise<readonly StagedFile[] | undefined> {
  if (job.database !== undefined && files.paths.length === 0) return undefined;
  const manifest = await gather(resources, files, signal);
  return (await readManifest(resources.artifacts, manifest, signal)).files;
}

async function stageCode(
  { artifacts, inputRoots, limits }: ActivityResources,
  file: string | undefined,
  signal: AbortSignal,
): Promise<StagedFile | undefined> {
  if (file === undefined) return undefined;
  const [staged] = await stageFiles(artifacts, [file], { roots: inputRoots, limits, signal });
  return staged;
}
