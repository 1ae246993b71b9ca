import type { Client } from '@temporalio/client';
import { remoteJobIdAttribute, watchTaskQueue } from '../../contracts/names';
import { findWorkers } from '../../starter/workers';
import { connectTemporal, type TemporalTarget } from '../temporal-target';
import { words, type Finding } from './finding';

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

export async function checkNamespace({ connection, options }: Client): Promise<Finding> {
  const { namespace } = options;
  const check = 'namespace';
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return { check, status: 'ok', found: `${namespace} is there` };
  } catch (error) {
    return {
      check,
      status: 'wrong',
      found: `${namespace} can't be used: ${words(error)}`,
      cure: `create it (\`temporal operator namespace create ${namespace}\`), or name another with --namespace`,
    };
  }
}

/** Jobs are found by their memo without it; with it Temporal can search for a remote id. */
export async function checkSearchAttribute({ connection, options }: Client): Promise<Finding> {
  const check = 'search attribute';
  const cure = `temporal operator search-attribute create --namespace ${options.namespace} --name ${remoteJobIdAttribute} --type Keyword`;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: options.namespace,
    });
    if (customAttributes?.[remoteJobIdAttribute] !== undefined) {
      return { check, status: 'ok', found: `${remoteJobIdAttribute} is registered` };
    }
    const found = `${remoteJobIdAttribute} isn't registered, so Temporal can't search by remote id`;
    return { check, status: 'warning', found, cure };
  } catch (error) {
    return { check, status: 'warning', found: `can't be asked: ${words(error)}`, cure };
  }
}

export async function checkWorkers(client: Client, taskQueue: string): Promise<Finding> {
  const check = 'workers';
  const watchQueue = watchTaskQueue(taskQueue);
  const { workflows, activities, waiting } = await findWorkers(client, taskQueue);
  if (workflows > 0 && activities > 0 && waiting > 0) {
    const found = `${workflows} on task queue ${taskQueue}, ${waiting} on ${watchQueue}`;
    return { check, status: 'ok', found };
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
