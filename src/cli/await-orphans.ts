import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { failureTypes } from '../contracts/failure-types';
import type { OrphansReport } from '../contracts/orphans';
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
 * Waits for the report of a search. Ctrl-C calls the search off, and so does a missing worker: a
 * search that is forgotten must not kill hours later.
 *
 * @throws CommandError where there is no report
 */
export async function awaitOrphans(
  { context, output }: Session,
  client: Client,
  { workflowId, firstExecutionRunId: runId }: WorkflowHandleWithFirstExecutionRunId,
): Promise<OrphansReport> {
  const signal = untilInterrupted(context);
  const workers = new WorkerWatch(client, output);
  try {
    for await (const job of followJob(client, workflowId, { runId, signal })) {
      output.status(/Kill/.test(job.activity?.name ?? '') ? 'killing…' : 'looking for orphans…');
      const missing = await workers.look(job, signal);
      if (missing !== undefined && missing.forMs >= workerWithinMs) {
        await requestCancel(client, workflowId, runId);
        throw new CommandError(exitCodes.unreachable, `Nobody could look: ${missing.words}.`);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    await requestCancel(client, workflowId, runId);
    throw new CommandError(exitCodes.cancelled, `Called off; kills that were sent stay sent.`);
  } finally {
    output.status();
  }
  const outcome = await awaitOutcome<OrphansReport>(client, workflowId, runId);
  if (outcome.kind === 'succeeded') return outcome.result;
  const unasked = 'type' in outcome && outcome.type === failureTypes.temporalUnavailable;
  throw new CommandError(
    unasked ? exitCodes.unreachable : outcomeCode(outcome),
    'message' in outcome ? outcome.message : 'The search was cancelled.',
  );
}
