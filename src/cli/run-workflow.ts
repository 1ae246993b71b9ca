import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import { shellWord } from '../contracts/words';
import type { StartOptions } from '../starter/start';
import { detached } from './detached';
import { CommandError } from './errors';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow-to-end';
import type { FollowedJob } from './followed-job';
import { Interrupts } from './interrupts';
import { tellRestOfLog } from './job-log';
import { outFolder } from './out-folder';
import { endedStanding, type RefreshReturn } from './refresh-result';
import { reportOutcome } from './report-outcome';
import type { JobResult, ResultFolder } from './result-folder';
import type { RunOptions } from './run-options';
import type { Session } from './session';

/** What every run of a workflow has. */
export interface RunBase {
  readonly session: Session;
  readonly options: RunOptions;
  /** What looks odd but is sent all the same. @default none */
  readonly warnings?: readonly string[];
  /** The job is somebody else's. */
  readonly attached: boolean;
  /** The service writes a log that can be followed. */
  readonly logs: boolean;
  /** Between the fields of a CSV export. */
  readonly separator?: string;
}

type Started = Pick<WorkflowHandleWithFirstExecutionRunId, 'workflowId' | 'firstExecutionRunId'>;

export interface WorkflowRun extends RunBase {
  /**
   * Stages what is to be sent, and checks it; the answer starts the workflow. Ctrl-C aborts the
   * signal, and nothing is started.
   */
  readonly prepare: (
    store: ArtifactStore,
    signal: AbortSignal,
  ) => Promise<(client: Client, start: StartOptions) => Promise<Started>>;
  /** What is waited for after a cancel. @default the proof that the remote job has ended */
  readonly cancelWords?: string;
}

/**
 * Everything a run command does: checks what can be checked before anything is sent, starts the
 * workflow, follows it, writes its results, and answers the exit code.
 */
export async function runWorkflow(run: WorkflowRun): Promise<ExitCode> {
  const { session, options } = run;
  const interrupts = new Interrupts(session.context);
  const folder = await outFolder(session, options);
  let isStarted = false;
  try {
    const { artifacts: store, taskQueue } = await session.settings();
    const start = await run.prepare(store, interrupts.signal);
    const told = run.warnings ?? [];
    for (const warning of told) session.output.warn(warning);
    const client = await session.client();
    if (interrupts.any) throw stoppedBefore();

    isStarted = true;
    const handle = await start(client, { workflowId: options.id, taskQueue });
    const { workflowId, firstExecutionRunId: runId } = handle;
    session.output.say(`Started ${workflowId} on task queue ${taskQueue}`);
    if (options.detach === true) return detached(session, workflowId, runId);

    const job = { client, workflowId, runId, logs: run.logs ? store : undefined };
    return await followAndReport(run, job, { store, interrupts, folder, told });
  } catch (error) {
    await folder?.abandon();
    // However what was under way put it.
    if (interrupts.any && !isStarted) throw stoppedBefore();
    throw error;
  } finally {
    interrupts.close();
  }
}

function stoppedBefore(): CommandError {
  return new CommandError(exitCodes.cancelled, 'Stopped before the start.');
}

interface RunState {
  readonly store: ArtifactStore;
  readonly interrupts: Interrupts;
  readonly folder: ResultFolder | undefined;
  readonly told: readonly string[];
}

async function followAndReport(
  { session, options, attached, separator, cancelWords }: WorkflowRun,
  job: FollowedJob & { readonly runId: string },
  { store, interrupts, folder, told }: RunState,
): Promise<ExitCode> {
  const { context, output } = session;
  const { workflowId, runId } = job;
  const end = await followToEnd<JobResult | RefreshReturn>(job, {
    context,
    output,
    interrupts,
    onInterrupt: 'ask',
    startWithinMs: options.startWithin,
    cancelWords,
  });
  if (end.kind === 'detached') {
    await folder?.abandon();
    return detached(session, workflowId, runId);
  }
  if (end.kind === 'left') {
    throw new CommandError(
      exitCodes.unknown,
      `Left before the kill was proven: the remote job may still run. \`remote-jobs show ${shellWord(workflowId)}\` tells what became of it.`,
    );
  }
  if (end.kind === 'neverBegan' && end.missing === 'submitter') {
    throw new CommandError(
      exitCodes.unknown,
      `The worker that submitted the job is gone, and ${end.words}. The job may have been submitted. It is cancelled: the next worker looks for it by its key and kills it; \`remote-jobs show ${shellWord(workflowId)}\` tells what became of it.`,
    );
  }
  if (end.kind === 'neverBegan') {
    const rest =
      end.missing === 'worker'
        ? 'Nothing was submitted, and the job is cancelled; --start-within gives it longer, --detach lets it wait.'
        : `The job is cancelled; \`remote-jobs show ${shellWord(workflowId)}\` tells what became of it. --start-within gives it longer, --detach lets it wait.`;
    throw new CommandError(exitCodes.unreachable, `The job could not begin: ${end.words}. ${rest}`);
  }
  if (end.kind === 'noWorker') throw new CommandError(exitCodes.unreachable, `${end.words}.`);
  const { signal } = new AbortController();
  if (job.logs !== undefined && end.outcome.kind === 'succeeded') {
    await tellRestOfLog(output, end.outcome.result as JobResult, end.log, store, signal);
  }
  return reportOutcome(output, {
    workflowId,
    runId,
    outcome: end.outcome,
    ...(await endedStanding(session, job, end.outcome)),
    store,
    folder,
    attached,
    told,
    separator,
    signal,
  });
}
