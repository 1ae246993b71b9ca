import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { failureTypes } from '../../src/contracts/failure-types';
import { endOfFailure, mayBeTriedAgain } from '../../workflows/pipeline/step-end';

function failed(type: string, details: unknown[] = []): ApplicationFailure {
  return ApplicationFailure.create({ type, message: 'it failed', nonRetryable: true, details });
}

test('a step that failed is tried again, and one whose job may still run is not', () => {
  expect(mayBeTriedAgain(failed(failureTypes.failed))).toBe(true);
  const kill = { outcome: 'unconfirmed', evidence: 'nobody answered' };
  expect(mayBeTriedAgain(failed(failureTypes.deadlineExceeded, [{ kill }]))).toBe(false);
});

test('a refresh that somebody cancelled at its chain is not asked for again by the step', () => {
  expect(mayBeTriedAgain(failed(failureTypes.refreshCancelled))).toBe(false);
});

test('a job that somebody ended on the service is not wanted again', () => {
  expect(mayBeTriedAgain(failed(failureTypes.cancelledRemotely))).toBe(false);
});

test('a step that an earlier run left running fails with what to do about it', () => {
  const error = new WorkflowExecutionAlreadyStartedError('started', 'pipeline/a/load', 'any');
  const { standing, words } = endOfFailure(error);
  expect(standing).toBe('failed');
  expect(words).toContain('runs already');
  expect(words).not.toContain('ended from outside');
});
