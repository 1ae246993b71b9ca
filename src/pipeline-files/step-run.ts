import path from 'node:path';
import { fullVendor } from '../clients/sqlflow/status';
import type { PipelineStep } from '../contracts/pipeline';
import type { LinkisTaskInput } from '../contracts/linkis';
import type { ResubmitPolicy } from '../contracts/resubmit';
import type { ScheduledFiles, ScheduledRun } from '../contracts/schedule';
import type { SqlFlowDatabaseSource } from '../contracts/sqlflow';
import type { ApprovalBody, ChainBody, LinkisBody, SqlFlowBody } from './body-schemas';

/** What a step does, its files not staged and its expressions not filled in. */
export type StepRun =
  | ScheduledRun
  | { readonly type: 'approval'; readonly message: string; readonly timeoutMs?: number };

export interface StepRunContext {
  /** The pipeline's name. */
  readonly pipeline: string;
  /** What relative paths begin at. Absolute. */
  readonly folder: string;
  /** The connection of a chain that names none. */
  readonly chainConnection?: string;
}

/** What a step's body asks for, as the workflows take it. */
export function stepRun(step: PipelineStep, context: StepRunContext): StepRun {
  switch (step.kind) {
    case 'linkis':
      return linkisRun(step, step.body as LinkisBody, context);
    case 'sqlflow':
      return sqlflowRun(step, step.body as SqlFlowBody, context);
    case 'chain':
      return chainRun(step, step.body as ChainBody, context);
    case 'approval': {
      const { message, timeout } = step.body as ApprovalBody;
      return { type: 'approval', message, timeoutMs: timeout ?? step.timeoutMs };
    }
  }
}

function linkisRun(
  { timeoutMs }: PipelineStep,
  { file, resubmit, ...task }: LinkisBody,
  { folder }: StepRunContext,
): StepRun {
  // Checked by `validateLinkisTask`, as every way to a task is.
  const policy = resubmit as ResubmitPolicy | undefined;
  const job = { ...task, resubmit: policy, timeoutMs } satisfies Omit<LinkisTaskInput, 'codeFile'>;
  const codeFile = file === undefined ? undefined : path.resolve(folder, file);
  return { type: 'linkisTask', codeFile, job };
}

function sqlflowRun(
  { name: step, timeoutMs }: PipelineStep,
  body: SqlFlowBody,
  { pipeline, folder }: StepRunContext,
): StepRun {
  const { name, dbvendor, files, base, persist, jobId, incremental, ...more } = body;
  const { settings, parallel, onCancel, afterExport, database, onTop, ...shared } = more;
  const common = {
    ...shared,
    jobName: name ?? `${pipeline}-${step}`,
    dbVendor: fullVendor(dbvendor),
    database: database as SqlFlowDatabaseSource | undefined,
    onTop,
    timeoutMs,
  };
  const found: ScheduledFiles = { folder, paths: files ?? [], base };
  if (persist === true) {
    return {
      type: 'sqlflowPersistJob',
      files: found,
      job: { ...common, jobId, incremental },
    };
  }
  return {
    type: 'sqlflowJob',
    files: found,
    job: { ...common, settings, parallel, onCancel, afterExport },
  };
}

function chainRun(
  { timeoutMs }: PipelineStep,
  body: ChainBody,
  { folder, chainConnection = '' }: StepRunContext,
): StepRun {
  const { name, dbvendor, files, filesFrom, changedSince, base, gate, publish, ...more } = body;
  const { approveWithin, ...limits } = gate ?? {};
  return {
    type: 'chainRefresh',
    files: { folder, paths: files ?? [], filesFrom, changedSince, base },
    refresh: {
      ...more,
      chain: name,
      connection: body.connection ?? chainConnection,
      dbVendor: fullVendor(dbvendor),
      gate: gate && { ...limits, approveWithinMs: approveWithin },
      publish: publish === undefined ? undefined : { target: publish },
      timeoutMs,
    },
  };
}

/** Where a mistake of a `validate…` function stands below the step. */
export function fieldInFile(kind: PipelineStep['kind'], field: string): (string | number)[] {
  if (field === 'timeoutMs') return ['timeout'];
  const renamed: Readonly<Record<string, string>> = {
    dbVendor: 'dbvendor',
    jobName: 'name',
    chain: 'name',
    codeFile: 'file',
    inputs: 'files',
    approveWithinMs: 'approveWithin',
    'the input': '',
  };
  const steps = field
    .split(/[.[\]]/)
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : (renamed[step] ?? step)))
    .filter((step) => step !== '');
  return [kind, ...steps];
}
