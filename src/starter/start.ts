import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { LinkisAttachInput, LinkisTaskInput } from '../contracts/linkis';
import { defaultTaskQueue, remoteJobMemoKey, workflowTypes, type Vendor } from '../contracts/names';
import type {
  SqlFlowAttachInput,
  SqlFlowJobInput,
  SqlFlowPersistJobInput,
} from '../contracts/sqlflow';
import { describeMistakes, type Mistake } from '../contracts/findings';
import { validateLinkisAttach, validateLinkisTask } from '../contracts/validate-linkis';
import {
  validateSqlFlowAttach,
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../contracts/validate-sqlflow';
import type * as workflows from '../../workflows/public';

/** Where and under which id a job is started. */
export interface StartOptions {
  /** The workflow's id. @default the kind of job, its name and a random part */
  readonly workflowId?: string;
  /** @default 'remote-jobs' */
  readonly taskQueue?: string;
}

/** The input is wrong; nothing was started. The message names every mistake. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';

  constructor(readonly mistakes: readonly Mistake[]) {
    super(describeMistakes(mistakes));
  }
}

type Workflows = typeof workflows;

/** The job workflows: what each takes, how it is checked, whose it is. */
interface JobKind<Input> {
  readonly vendor: Vendor;
  readonly validate: (input: Input) => readonly Mistake[];
  /** The readable part of a workflow id. */
  readonly label: (input: Input) => string;
}

/** What each job workflow takes. */
export interface JobInputs {
  readonly sqlflowJob: SqlFlowJobInput;
  readonly sqlflowPersistJob: SqlFlowPersistJobInput;
  readonly sqlflowAttach: SqlFlowAttachInput;
  readonly linkisTask: LinkisTaskInput;
  readonly linkisAttach: LinkisAttachInput;
}

/** A job workflow that `startJob` starts. */
export type JobWorkflow = keyof JobInputs;

const kinds: { readonly [Type in JobWorkflow]: JobKind<JobInputs[Type]> } = {
  sqlflowJob: {
    vendor: 'sqlflow',
    validate: validateSqlFlowJob,
    label: ({ jobName }) => jobName,
  },
  sqlflowPersistJob: {
    vendor: 'sqlflow',
    validate: validateSqlFlowPersistJob,
    label: ({ jobName }) => jobName,
  },
  sqlflowAttach: {
    vendor: 'sqlflow',
    validate: validateSqlFlowAttach,
    label: ({ jobId }) => jobId,
  },
  linkisTask: {
    vendor: 'linkis',
    validate: validateLinkisTask,
    label: ({ engine, runType }) => `${engine}-${runType}`,
  },
  linkisAttach: {
    vendor: 'linkis',
    validate: validateLinkisAttach,
    label: ({ taskId }) => taskId,
  },
};

/**
 * Checks an input, as the worker will again.
 *
 * @throws InvalidInputError with every mistake
 */
export function checkInput<Type extends JobWorkflow>(type: Type, input: JobInputs[Type]): void {
  const mistakes = kinds[type].validate(input);
  if (mistakes.length > 0) throw new InvalidInputError(mistakes);
}

/**
 * Starts one of the job workflows: `startJob(client, 'linkisTask', { … })`.
 *
 * The input is checked first; files in it are already staged (`stageFiles`). Starting an id that is
 * running already fails with Temporal's `WorkflowExecutionAlreadyStartedError`.
 *
 * @throws InvalidInputError with every mistake
 */
export async function startJob<Type extends JobWorkflow>(
  client: Client,
  type: Type,
  input: JobInputs[Type],
  { workflowId, taskQueue = defaultTaskQueue }: StartOptions = {},
): Promise<WorkflowHandleWithFirstExecutionRunId<Workflows[Type]>> {
  checkInput(type, input);
  const { vendor, label } = kinds[type];
  const handle = await client.workflow.start(workflowTypes[type], {
    taskQueue,
    workflowId: workflowId ?? defaultWorkflowId(type, label(input)),
    args: [input],
    memo: { [remoteJobMemoKey]: { vendor, connection: input.connection ?? '' } },
  });
  return handle as WorkflowHandleWithFirstExecutionRunId<Workflows[Type]>;
}

function defaultWorkflowId(type: JobWorkflow, label: string): string {
  const readable = label.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60);
  return `${type}/${readable}/${randomUUID().slice(0, 8)}`;
}
