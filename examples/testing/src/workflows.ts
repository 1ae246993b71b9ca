import { ApplicationFailure, sleep } from '@temporalio/workflow';
import { remoteJob } from 'temporal-remote-jobs/workflows';

// The plugin leaves the workflows to the worker's own file: this line adds the package's.
export * from 'temporal-remote-jobs/workflows';

export interface LoadInput {
  readonly code: string;
  /** How long the load may take before it is given up, in milliseconds. */
  readonly patienceMs: number;
}

/** Loads a table, and gives up, with the proof that nothing runs any more, when that takes too long. */
export async function load({ code, patienceMs }: LoadInput): Promise<string> {
  const job = await remoteJob('linkisTask', { code, engine: 'spark-2.4.3', runType: 'sql' });
  const result = await Promise.race([job.result(), sleep(patienceMs)]);
  if (result !== undefined) return `${result.results[0]?.rows} rows`;
  const kill = await job.kill();
  if (kill.outcome === 'alreadyFinished') return 'late, but loaded';
  throw ApplicationFailure.nonRetryable(`gave up: ${kill.outcome} (${kill.evidence})`, 'TooSlow');
}
