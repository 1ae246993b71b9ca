import type {
  AwaitedSteps,
  AwaitStepsInput,
  PreparedStep,
  PrepareStepInput,
  StepKills,
  StepKillsInput,
} from '../../src/contracts/pipeline-steps';
import { defineActivity } from '../define-activity';
import { asking } from '../notify/asking';
import type { ActivityResources } from '../resources';
import { awaitSteps } from './await-steps';
import { prepareStep } from './prepare-step';
import { stepKills } from './step-kills';

/** The activities of pipelines. */
export function createPipelineActivities(resources: ActivityResources) {
  const main = {
    /**
     * Fills in a step's texts, and checks what came of it. Nothing is sent anywhere.
     *
     * Delivery: at least once; it reads what was staged at the pipeline's start, so a repeat answers
     * the same.
     */
    remoteJobsPrepareStep: asking(
      resources,
      ['approvalDue'],
      defineActivity(resources, (input: PrepareStepInput, session): Promise<PreparedStep> =>
        prepareStep(resources, input, session.signal),
      ),
    ),

    /** What became of the remote jobs of cancelled steps. Delivery: reads only. */
    remoteJobsStepKills: defineActivity(
      resources,
      (input: StepKillsInput, session): Promise<StepKills> => stepKills(input, session),
    ),
  };
  const watch = {
    /**
     * Waits until at least one of the steps has ended, and says how. Delivery: reads only; a repeat
     * waits again, and answers at once for what has ended meanwhile.
     */
    remoteJobsAwaitSteps: defineActivity(
      resources,
      (input: AwaitStepsInput, session): Promise<AwaitedSteps> => awaitSteps(input, session),
    ),
  };
  return { main, watch };
}

export type PipelineActivities = ReturnType<typeof createPipelineActivities>['main'];
export type PipelineWatchActivities = ReturnType<typeof createPipelineActivities>['watch'];
