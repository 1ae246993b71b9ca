import path from 'node:path';
import { stageFiles } from '../artifacts/staging';
import type { ArtifactStore } from '../artifacts/store';
import type { StagedFile } from '../contracts/artifact';
import { checkInput, startJob, type JobInputs, type JobWorkflow } from '../starter/start';
import type { ExitCode } from './exit-codes';
import { count } from './preview';
import { runWorkflow, type RunBase } from './run-workflow';

export interface JobRun<Type extends JobWorkflow> extends RunBase {
  /** Staged before the input is made of them. */
  readonly files: readonly string[];
  readonly input: (staged: readonly StagedFile[]) => JobInputs[Type];
}

/** Runs one of the job workflows, its files staged first. */
export async function runJob<Type extends JobWorkflow>(
  type: Type,
  run: JobRun<Type>,
): Promise<ExitCode> {
  return runWorkflow({
    ...run,
    prepare: async (store) => {
      const input = run.input(await stage(run, store));
      checkInput(type, input);
      return (client, start) => startJob(client, type, input, start);
    },
  });
}

async function stage<Type extends JobWorkflow>(
  { session, files }: JobRun<Type>,
  store: ArtifactStore,
): Promise<readonly StagedFile[]> {
  if (files.length === 0) return [];
  const { cwd } = session.context;
  const paths = files.map((file) =>
    path.isAbsolute(file) ? file : path.relative(process.cwd(), path.resolve(cwd, file)) || '.',
  );
  const { limits } = (await session.settings()).jobs;
  const staged = await stageFiles(store, paths, { limits, signal: new AbortController().signal });
  session.output.say(`Staged ${count(staged.length, 'file')}`);
  return staged;
}
