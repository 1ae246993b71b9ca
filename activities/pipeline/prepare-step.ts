import { json } from 'node:stream/consumers';
import { renderTexts } from '../../src/calendar/render';
import type { PipelineSnapshot } from '../../src/contracts/pipeline-snapshot';
import type { PreparedStep, PrepareStepInput } from '../../src/contracts/pipeline-steps';
import { validateChainRefresh } from '../../src/contracts/validate-chain';
import { validateLinkisTask } from '../../src/contracts/validate-linkis';
import {
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../../src/contracts/validate-sqlflow';
import type { ActivityResources } from '../resources';
import { refuseMistakes } from '../submission';

/** What a step does, with everything filled in that its expressions read. */
export async function prepareStep(
  { artifacts }: ActivityResources,
  { snapshot, step }: PrepareStepInput,
  signal: AbortSignal,
): Promise<PreparedStep> {
  const { steps, scheduledAtMs, timeZone } = (await json(
    await artifacts.open(snapshot.uri, signal),
  )) as PipelineSnapshot;
  const raw = steps[step] as PreparedStep;
  const fill = <Value>(value: Value): Value => renderTexts(value, scheduledAtMs, timeZone);
  switch (raw.type) {
    case 'chainRefresh': {
      const { inputs, ...rest } = raw.input;
      const input = { ...fill(rest), inputs, scheduledAtMs };
      refuseMistakes(validateChainRefresh(input));
      return { type: raw.type, input };
    }
    case 'sqlflowJob': {
      const { files, ...rest } = raw.input;
      const input = { ...fill(rest), files };
      refuseMistakes(validateSqlFlowJob(input));
      return { type: raw.type, input };
    }
    case 'sqlflowPersistJob': {
      const { files, ...rest } = raw.input;
      const input = { ...fill(rest), files };
      refuseMistakes(validateSqlFlowPersistJob(input));
      return { type: raw.type, input };
    }
    case 'linkisTask': {
      const { codeFile, ...rest } = raw.input;
      const input = { ...fill(rest), codeFile };
      refuseMistakes(validateLinkisTask(input));
      return { type: raw.type, input };
    }
    case 'approval':
      return fill(raw);
  }
}
