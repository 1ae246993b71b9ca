import type { EndedSqlFlowJob } from '../../src/contracts/sqlflow-steps';

/** Turns a `partial_success` into a failure where the input asks for that. */
export function partialSuccessRefused(
  ended: EndedSqlFlowJob,
  partialSuccess: 'accept' | 'fail' | undefined,
): EndedSqlFlowJob {
  if (partialSuccess !== 'fail' || ended.status !== 'partial_success') return ended;
  return {
    ...ended,
    outcome: 'failed',
    errorMessage:
      ended.errorMessage ?? ended.warnings[0] ?? 'some files failed, and partialSuccess is "fail"',
  };
}
