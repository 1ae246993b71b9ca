import { chainScenarios } from './chain-scenarios';
import { hookScenarios } from './hook-scenarios';
import { linkisScenarios } from './linkis-scenarios';
import { notifyScenarios } from './notify-scenarios';
import { pipelineScenarios } from './pipeline-scenarios';
import { scheduleScenarios } from './schedule-scenarios';
import { sqlflowScenarios } from './sqlflow-scenarios';
import type { Stage } from './stage';

/** A run that isn't its workflow's last one. */
export interface ScenarioRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** One way through one workflow. */
export interface Scenario {
  /** Begins with the workflow's type; the file is named by it. */
  readonly name: string;
  /** What it must come to, else nothing is recorded: a part of the outcome. */
  readonly outcome: Readonly<Record<string, unknown>>;
  /** Brings a workflow on its way, and does to it what is to be recorded. */
  run(stage: Stage): Promise<string | ScenarioRun>;
}

export const scenarios: readonly Scenario[] = [
  ...sqlflowScenarios,
  ...linkisScenarios,
  ...hookScenarios,
  ...scheduleScenarios,
  ...chainScenarios,
  ...notifyScenarios,
  ...pipelineScenarios,
];
