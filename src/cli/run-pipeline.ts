import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import type { PipelineInput, PipelineResult } from '../contracts/pipeline-steps';
import { shellWord } from '../contracts/words';
import { startPipeline } from '../starter/pipelines';
import { detached } from './detached';
import { CommandError } from './errors';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow-to-end';
import { Interrupts } from './interrupts';
import { outFolder } from './out-folder';
import { pipelineResults } from './pipeline-results';
import type { RunOptions } from './run-options';
import type { Session } from './session';

/** What `pipeline run` and `pipeline retry` take besides what they run. */
export type PipelineRunOptions = Omit<RunOptions, 'connection'>;

interface PipelineStart {
  /** Ctrl-C aborts the signal, and nothing is started. */
  readonly prepare: (
    client: Client,
    store: ArtifactStore,
    signal: AbortSignal,
  ) => Promise<PipelineInput>;
}

/** Starts a pipeline, follows it to its end, writes what it left, and answers the exit code. */
export async function runPipeline(
  session: Session,
  options: PipelineRunOptions,
  { prepare }: PipelineStart,
): Promise<ExitCode> {
  const { context, output } = session;
  const interrupts = new Interrupts(context);
  const folder = await outFolder(session, options);
  try {
    const { artifacts: store, taskQueue } = await session.settings();
    const client = await session.client();
    const prepared = await prepare(client, store, interrupts.signal).finally(() => output.status());
    if (interrupts.any) throw new CommandError(exitCodes.cancelled, 'Stopped before the start.');
    const input = within(prepared, options.deadline);
    const { id } = options;
    const handle = await startPipeline(client, input, { workflowId: id, taskQueue });
    const { workflowId, firstExecutionRunId: runId } = handle;
    output.say(`Started ${workflowId} on task queue ${taskQueue}`);
    if (options.detach === true) return detached(session, workflowId, runId);
    const end = await followToEnd<PipelineResult>(
      { client, workflowId, runId: undefined },
      {
        context,
        output,
        interrupts,
        onInterrupt: 'ask',
        startWithinMs: options.startWithin,
        cancelWords: 'the proof that every remote job has ended',
      },
    );
    switch (end.kind) {
      case 'closed':
        return await pipelineResults(session, workflowId, end.outcome, folder);
      case 'detached':
        return detached(session, workflowId, runId);
      case 'left':
        throw new CommandError(
          exitCodes.unknown,
          `Left before every kill was proven: remote jobs may still run. \`remote-jobs show ${shellWord(workflowId)}\` tells what became of them.`,
        );
      case 'neverBegan':
        throw new CommandError(
          exitCodes.unreachable,
          `The pipeline could not begin: ${end.words}. It is cancelled; --start-within gives it longer, --detach lets it wait.`,
        );
      default:
        throw new CommandError(exitCodes.unreachable, `${end.words}.`);
    }
  } finally {
    await folder?.abandon();
    interrupts.close();
  }
}

/** A deadline on the command line only makes the file's own time shorter. */
function within(input: PipelineInput, deadlineMs: number | undefined): PipelineInput {
  if (deadlineMs === undefined) return input;
  const timeoutMs = Math.min(input.graph.timeoutMs ?? Infinity, deadlineMs);
  return { ...input, graph: { ...input.graph, timeoutMs } };
}
