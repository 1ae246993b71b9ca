import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { FolderArtifactStore, stageFiles } from 'temporal-remote-jobs';
import { artifacts, taskQueue, temporalAddress } from './settings';
import type { etl } from './workflows';

async function main(): Promise<void> {
  // Staged, a file can change or vanish: the workflow runs what was there when it was started.
  const store = new FolderArtifactStore({ root: artifacts.folder });
  const signal = AbortSignal.timeout(60_000);
  const [script] = await stageFiles(store, [path.join(__dirname, '../sql/revenue.sql')], {
    signal,
  });

  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const workflowId = `etl/${Date.now()}`;
  console.log(
    await client.workflow.execute<typeof etl>('etl', { taskQueue, workflowId, args: [script!] }),
  );
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
