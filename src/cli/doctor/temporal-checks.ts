import { setTimeout as delay } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { remoteJobIdAttribute, watchTaskQueue } from '../../contracts/names';
import { findWorkers } from '../../starter/workers';
import { connectTemporal, type TemporalTarget } from '../temporal-target';
import { typedDuration } from '../schedule-words';
import { words, type Examined, type Finding } from './finding';

/** gRPC's NOT_FOUND. */
const notFound = 5;
/** temporal.api.enums.v1.IndexedValueType. */
const keyword = 2;
const leastRetentionSeconds = 24 * 60 * 60;
const newRetentionMs = 7 * 24 * 60 * 60_000;

/** Whether the server answers, and its version. */
export async function checkServer(target: TemporalTarget): Promise<Finding> {
  const where = `${target.address} (${target.chosenBy})`;
  try {
    const connection = await connectTemporal(target);
    try {
      const { serverVersion } = await connection.workflowService.getSystemInfo({});
      return {
        check: 'Temporal',
        status: 'ok',
        found: `${where} answers, server ${serverVersion}`,
      };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return {
      check: 'Temporal',
      status: 'unreachable',
      found: `${where} doesn't answer: ${words(error)
        .replace(/^Temporal can't be reached at [^:]+:\d+ \([^)]*\): /, '')
        .replace(/\. Start a server.*$/s, '')}`,
      cure: 'start a server there, run `remote-jobs dev`, or set --address, TEMPORAL_ADDRESS or temporal.toml',
    };
  }
}

export async function checkNamespace(client: Client): Promise<Examined> {
  const { connection, options } = client;
  const { namespace } = options;
  const check = 'namespace';
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    const kept = typedDuration(seconds * 1000);
    if (seconds > 0 && seconds < leastRetentionSeconds) {
      return {
        check,
        status: 'warning',
        found: `${namespace} keeps what ended for ${kept} only; then \`list\`, \`show\` and \`results\` don't know it`,
        cure: `temporal operator namespace update --retention 7d ${namespace}`,
      };
    }
    const keeps = seconds > 0 ? `, and keeps what ended for ${kept}` : '';
    return { check, status: 'ok', found: `${namespace} is there${keeps}` };
  } catch (error) {
    const isMissing = isGrpcServiceError(error) && Number(error.code) === notFound;
    return {
      check,
      status: 'wrong',
      found: `${namespace} can't be used: ${words(error)}`,
      cure: `create it (\`temporal operator namespace create ${namespace}\`), or name another with --namespace`,
      fix: isMissing
        ? { what: `create the namespace ${namespace}`, run: () => createNamespace(client) }
        : undefined,
    };
  }
}

async function createNamespace({ connection, options }: Client): Promise<string> {
  const { namespace } = options;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(newRetentionMs),
  });
  return `${namespace} was created; it keeps what ended for 7 days`;
}

/** What is told of a new namespace reaches every part of the server some seconds later. */
const knownWithinMs = 30_000;
const askEveryMs = 500;

async function onceKnown<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const untilMs = performance.now() + knownWithinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isUnknown = isGrpcServiceError(error) && Number(error.code) === notFound;
      if (!isUnknown || performance.now() >= untilMs) throw error;
      await delay(askEveryMs);
    }
  }
}

/** Jobs are found by their memo without it; with it Temporal can search for a remote id. */
export async function checkSearchAttribute({ connection, options }: Client): Promise<Examined> {
  const check = 'search attribute';
  const { namespace } = options;
  const cure = `temporal operator search-attribute create --namespace ${namespace} --name ${remoteJobIdAttribute} --type Keyword`;
  try {
    const { customAttributes } = await onceKnown(() =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    if (customAttributes?.[remoteJobIdAttribute] !== undefined) {
      return { check, status: 'ok', found: `${remoteJobIdAttribute} is registered` };
    }
    const found = `${remoteJobIdAttribute} isn't registered, so Temporal can't search by remote id`;
    const run = async () => {
      const searchAttributes = { [remoteJobIdAttribute]: keyword };
      await onceKnown(() =>
        connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
      );
      return `${remoteJobIdAttribute} was registered`;
    };
    const what = `register the search attribute ${remoteJobIdAttribute}`;
    return { check, status: 'warning', found, cure, fix: { what, run } };
  } catch (error) {
    return { check, status: 'warning', found: `can't be asked: ${words(error)}`, cure };
  }
}

export async function checkWorkers(client: Client, taskQueue: string): Promise<Finding> {
  const check = 'workers';
  const watchQueue = watchTaskQueue(taskQueue);
  const found = await onceKnown(() => findWorkers(client, taskQueue)).catch(words);
  if (typeof found === 'string') {
    return {
      check,
      status: 'unreachable',
      found: `task queue ${taskQueue} can't be asked: ${found}`,
      cure: 'try again in half a minute; a new namespace is not known everywhere at once',
    };
  }
  const { workflows, activities, waiting } = found;
  if (workflows > 0 && activities > 0 && waiting > 0) {
    const polls = `${workflows} on task queue ${taskQueue}, ${waiting} on ${watchQueue}`;
    return { check, status: 'ok', found: polls };
  }
  if (workflows === 0 && activities === 0) {
    return {
      check,
      status: 'unreachable',
      found: `no worker polls task queue ${taskQueue}`,
      cure: 'start one with `remote-jobs worker`, or name its queue with --task-queue',
    };
  }
  const missing =
    waiting === 0
      ? `none polls ${watchQueue}, where jobs are waited for`
      : `none polls ${taskQueue} for ${workflows === 0 ? 'workflows' : 'activities'}`;
  return {
    check,
    status: 'wrong',
    found: `a worker polls task queue ${taskQueue}, but ${missing}`,
    cure: 'give that worker the RemoteJobsPlugin and its workflows, or start `remote-jobs worker`',
  };
}
