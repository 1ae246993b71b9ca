import { NativeConnection, Worker } from '@temporalio/worker';
import { RemoteJobsPlugin } from 'temporal-remote-jobs';
import { encryptingDataConverter } from './data-converter';

async function main(): Promise<void> {
  const plugin = new RemoteJobsPlugin({
    connections: {
      cluster: {
        type: 'linkis',
        url: process.env.LINKIS_URL ?? 'http://127.0.0.1:9001',
        user: 'hadoop',
        password: { env: 'LINKIS_PASSWORD' },
      },
    },
    artifacts: { folder: process.env.ARTIFACTS_FOLDER ?? 'artifacts' },
  });
  const address = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: 'encrypted',
    workflowsPath: require.resolve('./workflows'),
    // The plugin's companion worker takes it over.
    dataConverter: encryptingDataConverter(),
    plugins: [plugin],
  });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
