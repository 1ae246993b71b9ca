import type { LinkisClient } from '../../src/clients/linkis/public';
import type { LinkisCollectOutputsInput, LinkisOutputs } from '../../src/contracts/linkis-steps';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { withoutSecrets } from '../without-secrets';
import { collectLog } from './collect-log';
import { collectResultSets } from './collect-results';

const tailBytes = 4096;

/** The log of an ended task, and its result sets where it succeeded, whole or not at all. */
export async function collectOutputs(
  client: LinkisClient,
  resources: Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>,
  input: LinkisCollectOutputsInput,
  session: ActivitySession,
): Promise<LinkisOutputs> {
  const call = { signal: session.signal, user: input.user };
  const task = await client.getTask(input.taskId, call);
  const ended = { task, submittedExecId: input.execId };
  const { log, last, warnings } = await collectLog(client, resources, session, ended, call);
  const results =
    input.results && task.resultLocation !== undefined
      ? await collectResultSets(client, resources, task.resultLocation, input.format, session, call)
      : [];
  // Only a failure's report shows it; a task that succeeded spares its history the bytes.
  const tail = input.results ? '' : last.join('\n').slice(-tailBytes);
  return {
    log,
    logTail: await withoutSecrets(tail, resources.secrets),
    results,
    ...(warnings.length > 0 && { warnings }),
  };
}
