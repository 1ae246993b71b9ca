import { NativeConnection, Worker } from '@temporalio/worker';
import { RemoteJobsPlugin } from 'temporal-remote-jobs';
import * as activities from './activities';
import { artifacts, connections, taskQueue, temporalAddress } from './settings';

async function main(): Promise<void> {
  const plugin = new RemoteJobsPlugin({ connections, artifacts });
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const workflowsPath = require.resolve('./workflows');
  const plugins = [plugin];
  const worker = await Worker.create({ connection, taskQueue, workflowsPath, activities, plugins });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
