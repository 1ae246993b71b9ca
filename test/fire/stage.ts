import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';

/** What all jobs of a run share. */
export interface Stage {
  readonly address: string;
  readonly client: Client;
  readonly sqlflowUrl: string;
  readonly linkisUrl: string;
  readonly store: FolderArtifactStore;
  readonly bundlePath: string;
  /** For everything that is written. */
  readonly folder: string;
}

export interface OpenStage extends Stage {
  close(): Promise<void>;
}

/** Services on a Temporal server that is there already. */
export async function openStage(address: string, bundlePath?: string): Promise<OpenStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fire-'));
  const [sqlflow, linkis, connection] = await Promise.all([
    LocalSqlFlow.start(),
    // Nobody queues: each cell is about its own crash.
    LocalLinkis.start({ maxConcurrentTasks: 32 }),
    Connection.connect({ address }),
  ]);
  return {
    address,
    client: new Client({ connection }),
    sqlflowUrl: sqlflow.url,
    linkisUrl: linkis.url,
    store: new FolderArtifactStore({ root: path.join(folder, 'artifacts') }),
    bundlePath: bundlePath ?? (await bundle(folder)),
    folder,
    async close() {
      await connection.close();
      await sqlflow.close();
      await linkis.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The workflows, bundled once for all workers. */
export async function bundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '../../workflows/public.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const file = path.join(folder, 'workflows.js');
  await writeFile(file, code);
  return file;
}
