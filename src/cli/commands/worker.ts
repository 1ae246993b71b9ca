import { installationOf } from '../../config/installation';
import { command } from '../command';
import { startWorker } from '../embedded-worker';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { untilInterrupted } from '../interrupts';
import { connectTemporal } from '../temporal-target';

export const worker = command<object>({
  name: 'worker',
  summary: 'a worker from the configuration or the environment',
  description: `Works off the task queue until Ctrl-C. Connections come from the configuration file, or from
SQLFLOW_URL, SQLFLOW_USER_ID, SQLFLOW_SECRET_KEY or SQLFLOW_TOKEN, and from
LINKIS_URL, LINKIS_USER, LINKIS_PASSWORD or LINKIS_TOKEN. On Ctrl-C waiting jobs are handed over to
other workers, or wait for the next one; none is killed.`,
  examples: [
    'remote-jobs worker --config remote-jobs.yaml',
    'LINKIS_URL=http://linkis:9001 LINKIS_USER=etl LINKIS_PASSWORD=… remote-jobs worker',
  ],
  run: async (session) => {
    const { context, output } = session;
    const interrupted = untilInterrupted(context);
    const { target, taskQueue, artifacts, jobs, config } = await session.settings();
    const connections = Object.keys(jobs.connections);
    if (connections.length === 0) {
      throw usageError(
        `No connection is configured: write ${config.file ?? 'remote-jobs.yaml'}, or set SQLFLOW_URL or LINKIS_URL and their credentials.`,
      );
    }
    const folder = artifacts.root;
    await artifacts.check(interrupted);
    // Asked first, since the worker's own error for a missing server is none for a person.
    await (await connectTemporal(target)).close();
    const { ended } = await startWorker(output, {
      connection: target.options,
      namespace: target.namespace,
      taskQueue,
      jobs: {
        ...jobs,
        installation: jobs.installation ?? installationOf(folder),
        artifacts: { folder },
      },
      signal: interrupted,
    });
    const { address: temporal, namespace } = target;
    output.json({ ready: true, temporal, namespace, taskQueue, connections, artifacts: folder });
    output.say(
      `Polling ${taskQueue} at ${temporal}; connections ${connections.join(', ')}; artifacts in ${folder}`,
    );
    await ended;
    return exitCodes.done;
  },
});
