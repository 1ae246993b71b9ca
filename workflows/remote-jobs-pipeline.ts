import type { PipelineInput, PipelineResult } from '../src/contracts/pipeline-steps';
import { PipelineRun } from './pipeline/pipeline-run';

/**
 * A pipeline's run: each step is a workflow of its own (`remoteJobsPipelineStep`), begun when what it
 * needs has ended. A failed step stops what needs it; everything else comes to its end first.
 *
 * A cancel reaches every step under way and ends when the end of each remote job is known; a time-out
 * does the same. The run continues as new while its steps go on.
 */
export function remoteJobsPipeline(input: PipelineInput): Promise<PipelineResult> {
  return new PipelineRun(input).toEnd();
}
