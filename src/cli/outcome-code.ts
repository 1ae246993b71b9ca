import { failureTypes } from '../contracts/failure-types';
import type { JobOutcome } from '../starter/outcome';
import { exitCodes, type ExitCode } from './exit-codes';

/** Failures that say more than "the remote job failed". */
const byType: Readonly<Record<string, ExitCode>> = {
  [failureTypes.invalidInput]: exitCodes.usage,
  [failureTypes.configuration]: exitCodes.usage,
  [failureTypes.notLoggedIn]: exitCodes.usage,
  // The service refused the request itself, such as an engine it doesn't have: no job came of it.
  [failureTypes.rejected]: exitCodes.usage,
  [failureTypes.cancelledRemotely]: exitCodes.cancelled,
  [failureTypes.unreachable]: exitCodes.unreachable,
  [failureTypes.busy]: exitCodes.unreachable,
  [failureTypes.refreshCancelled]: exitCodes.cancelled,
  [failureTypes.chainRefused]: exitCodes.usage,
  [failureTypes.chainRanBefore]: exitCodes.usage,
  [failureTypes.chainQueueFull]: exitCodes.unreachable,
  // Whether the refresh had sent something is for the service to say.
  [failureTypes.chainEnded]: exitCodes.unknown,
  [failureTypes.submitOutcomeUnknown]: exitCodes.unknown,
  [failureTypes.lost]: exitCodes.unknown,
  [failureTypes.deadlineExceeded]: exitCodes.deadline,
};

/**
 * The exit code for how a job ended. A kill without proof outweighs the rest: the remote job may
 * still run.
 *
 * @param attached the job was somebody else's: one that isn't there is a wrong id
 */
export function outcomeCode(outcome: JobOutcome<unknown>, attached = false): ExitCode {
  switch (outcome.kind) {
    case 'succeeded':
      return exitCodes.done;
    case 'cancelled':
      return outcome.kill?.outcome === 'unconfirmed' ? exitCodes.unknown : exitCodes.cancelled;
    case 'terminated':
      return exitCodes.unknown;
    case 'deadline':
    case 'invalid':
    case 'failed':
      if (outcome.report?.kill?.outcome === 'unconfirmed') return exitCodes.unknown;
      if (outcome.type === failureTypes.notFound) {
        return attached ? exitCodes.usage : exitCodes.unknown;
      }
      return byType[outcome.type ?? ''] ?? exitCodes.jobFailed;
  }
}
