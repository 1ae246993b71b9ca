import { json } from 'node:stream/consumers';
import type { PipelineSnapshot } from '../../src/contracts/pipeline-snapshot';
import type { PreparedStep, PrepareStepInput } from '../../src/contracts/pipeline-steps';
import { validateChainRefresh } from '../../src/contracts/validate-chain';
import { validateLinkisTask } from '../../src/contracts/validate-linkis';
import {
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../../src/contracts/validate-sqlflow';
import { renderBody } from '../../src/pipeline-files/render-body';
import { invalidInput } from '../failure';
import type { ActivityResources } from '../resources';
import { refuseMistakes } from '../submission';

/** What a step does, with everything filled in that its expressions read. */
export async function prepareStep(
  { artifacts }: ActivityResources,
  { snapshot, step, outputs }: PrepareStepInput,
  signal: AbortSignal,
): Promise<PreparedStep> {
  const { steps, params, scheduledAtMs, timeZone } = (await json(
    await artifacts.open(snapshot.uri, signal),
  )) as PipelineSnapshot;
  const raw = steps[step];
  if (raw === undefined) throw invalidInput(`the pipeline's snapshot has no step ${step}`);
  const scope = { params, outputs, scheduledAtMs, timeZone };
  // Names of staged files are no texts of the pipeline: what looks like an expression there is none.
  const fill = <Value>(value: Value): Value => renderBody(value, scope);
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
