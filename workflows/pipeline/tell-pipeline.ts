import { defineSignal, getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import {
  stepAttemptSignalName,
  type PipelineStepInput,
  type StepAttempt,
} from '../../src/contracts/pipeline-steps';

const stepAttemptSignal = defineSignal<[StepAttempt]>(stepAttemptSignalName);

/** Tells the pipeline that its step is tried again; one that has gone is none to be told. */
export async function tellPipeline(
  { pipelineId, step, attempt }: PipelineStepInput,
  words: string,
): Promise<void> {
  const told: StepAttempt = { step, attempt: attempt + 1, words: words.slice(0, 200) };
  try {
    await getExternalWorkflowHandle(pipelineId).signal(stepAttemptSignal, told);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
