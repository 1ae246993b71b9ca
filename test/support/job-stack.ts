import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from '@temporalio/worker';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { stageFiles } from '../../src/artifacts/staging';
import type { ArtifactRef, StagedFile } from '../../src/contracts/artifact';
import type { RemoteJobsPluginOptions } from '../../src/plugin/remote-jobs-plugin';
import { RemoteJobsPlugin } from '../../src/plugin/remote-jobs-plugin';
import { testTemporal, type TestTemporal, type TestTemporalOptions } from './temporal';

/** A Temporal server, a worker with the plugin on a queue of its own, and an artifact store. */
export interface JobStack {
  readonly temporal: TestTemporal;
  readonly store: FolderArtifactStore;
  /** Stages files made of name and text, as a caller would. */
  stage(files: Readonly<Record<string, string>>): Promise<StagedFile[]>;
  read(artifact: ArtifactRef | undefined): Promise<string>;
  /** Events of a workflow's history. */
  history(workflowId: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function jobStack(
  connections: RemoteJobsPluginOptions['connections'],
  options: Partial<RemoteJobsPluginOptions> = {},
  temporalOptions: TestTemporalOptions = {},
): Promise<JobStack> {
  const temporal = await testTemporal(temporalOptions);
  const folder = await mkdtemp(path.join(tmpdir(), 'job-stack-'));
  const store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
  const plugin = new RemoteJobsPlugin({
    connections,
    installation: 'test',
    artifacts: { folder: path.join(folder, 'artifacts') },
    ...options,
  });
  const worker = await Worker.create({
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    workflowBundle: temporal.workflowBundle,
    plugins: [plugin],
  });
  const running = worker.run();
  const { signal } = new AbortController();
  return {
    temporal,
    store,
    async stage(files) {
      const inputs = await mkdtemp(path.join(folder, 'inputs-'));
      const paths = await Promise.all(
        Object.entries(files).map(async ([name, content]) => {
          const file = path.join(inputs, name);
          await writeFile(file, content);
          return file;
        }),
      );
      const staged = await stageFiles(store, paths, { signal });
      // From here on the workflow must not need the files any more.
      await rm(inputs, { recursive: true });
      return staged;
    },
    read: async (artifact) => text(await store.open(artifact?.uri ?? 'none', signal)),
    async history(workflowId) {
      const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
      return (events ?? []).map(({ eventType }) => String(eventType));
    },
    async close() {
      worker.shutdown();
      await running;
      await temporal.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
