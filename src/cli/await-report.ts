import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { failureTypes } from '../contracts/failure-types';
import { requestCancel } from '../starter/cancel';
import { followJob } from '../starter/follow';
import { awaitOutcome } from '../starter/outcome';
import { CommandError } from './errors';
import { exitCodes } from './exit-codes';
import { untilInterrupted } from './interrupts';
import { outcomeCode } from './outcome-code';
import type { Session } from './session';
import { WorkerWatch } from './worker-watch';

/** Without a worker in this time, the search is called off. */
const workerWithinMs = 60_000;

/**
 * Waits for the report of a run that ends or deletes jobs. Ctrl-C calls it off, and so does a missing
 * worker: a run that is forgotten must not kill hours later.
 *
 * @param doing what the named activity does, for the status line
 * @throws CommandError where there is no report
 */
export async function awaitReport<Report>(
  { context, output }: Session,
  client: Client,
  { workflowId, firstExecutionRunId: runId }: WorkflowHandleWithFirstExecutionRunId,
  doing: (activity: string) => string,
): Promise<Report> {
  const signal = untilInterrupted(context);
  const workers = new WorkerWatch(client, output);
  try {
    for await (const job of followJob(client, workflowId, { runId, signal })) {
      output.status(doing(job.activity?.name ?? ''));
      const missing = await workers.look(job, signal);
      if (missing !== undefined && missing.forMs >= workerWithinMs) {
        await requestCancel(client, workflowId, runId);
        throw new CommandError(exitCodes.unreachable, `Nobody could look: ${missing.words}.`);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    await requestCancel(client, workflowId, runId);
    throw new CommandError(exitCodes.cancelled, 'Called off; what was killed or deleted stays so.');
  } finally {
    output.status();
  }
  const outcome = await awaitOutcome<Report>(client, workflowId, runId);
  if (outcome.kind === 'succeeded') return outcome.result;
  const unasked = 'type' in outcome && outcome.type === failureTypes.temporalUnavailable;
  throw new CommandError(
    unasked ? exitCodes.unreachable : outcomeCode(outcome),
    'message' in outcome ? outcome.message : 'It was cancelled.',
  );
}
