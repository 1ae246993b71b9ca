import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { stageFiles } from '../../src/artifacts/staging';
import type { StagedFile } from '../../src/contracts/artifact';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { KillableWorker } from '../support/killable-worker';
import { replayFinished } from '../support/replay';
import type { TestTemporal } from '../support/temporal';

/** A worker that can be killed, with services, a store and a task queue that nobody else has. */
export class CrashStage {
  readonly worker: KillableWorker;

  private constructor(
    temporal: TestTemporal,
    readonly taskQueue: string,
    readonly sqlflow: LocalSqlFlow,
    readonly linkis: LocalLinkis,
    private readonly folder: string,
  ) {
    this.worker = new KillableWorker({
      address: temporal.address,
      taskQueue,
      bundlePath: temporal.workflowBundle.codePath,
      artifacts: path.join(folder, 'artifacts'),
      sqlflowUrl: sqlflow.url,
      linkisUrl: linkis.url,
    });
  }

  /** Sets it up, with a worker that polls, for a story, and takes it down whatever that came to. */
  static async with(temporal: TestTemporal, story: (stage: CrashStage) => Promise<void>) {
    const taskQueue = `test-${randomUUID()}`;
    const [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
    const folder = await mkdtemp(path.join(tmpdir(), 'crash-'));
    const stage = new CrashStage(temporal, taskQueue, sqlflow, linkis, folder);
    try {
      await stage.worker.start();
      await story(stage);
      await stage.worker.stop('SIGTERM');
      await replayFinished(temporal.client, taskQueue, temporal.workflowBundle);
    } finally {
      await stage.worker.stop('SIGKILL');
      await Promise.all([sqlflow.close(), linkis.close()]);
      await rm(folder, { recursive: true, force: true });
    }
  }

  get store(): FolderArtifactStore {
    return new FolderArtifactStore({ root: path.join(this.folder, 'artifacts') });
  }

  async stageFile(sql: string): Promise<StagedFile[]> {
    const file = path.join(this.folder, 'load.sql');
    await writeFile(file, sql);
    return stageFiles(this.store, [file], { signal: new AbortController().signal });
  }

  calls(service: LocalLinkis | LocalSqlFlow, endpoint: string): number {
    return service.service.calls.filter((call) => call.endpoint === endpoint).length;
  }
}
