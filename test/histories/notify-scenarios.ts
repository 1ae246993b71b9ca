import { awaitOutcome } from '../../src/starter/outcome';
import { chainScenarios } from './chain-scenarios';
import { linkisScenarios } from './linkis-scenarios';
import { scheduleScenarios } from './schedule-scenarios';
import type { Scenario } from './scenarios';

/** What is told to somebody is one activity more. */
const told = [
  'linkisTask-failed',
  'sqlflowRefresh-gate-closed',
  'sqlflowRefresh-approved',
  'sqlflowRefresh-deadline',
  'remoteJobsScheduledRun-refused',
  'remoteJobsOrphans-killed',
];

const all: readonly Scenario[] = [...linkisScenarios, ...scheduleScenarios, ...chainScenarios];

/** The same ways with a webhook that wants to hear of everything. */
export const notifyScenarios: readonly Scenario[] = told.map((name) => {
  const scenario = all.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return {
    ...scenario,
    name: `${name}-told`,
    run: (stage) =>
      stage.withNotices(async () => {
        const ran = await scenario.run(stage);
        const workflowId = typeof ran === 'string' ? ran : ran.workflowId;
        await awaitOutcome(stage.client, workflowId);
        return ran;
      }),
  };
});
