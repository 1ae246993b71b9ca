import { createActivities } from '../../activities/public';
import { FolderArtifactStore } from '../artifacts/folder-store';
import type { ArtifactStore } from '../artifacts/store';
import { openSettings, type JobSettings } from '../config/options';
import { CompanionPlugin } from './companion-plugin';
import { defaultMaxWaitingJobs } from './companion';

export interface RemoteJobsPluginOptions extends JobSettings {
  /**
   * Where inputs, logs, results and lineage go: a folder, or a store of one's own. Callers and
   * workers on several machines need one that they share.
   */
  readonly artifacts: { readonly folder: string } | ArtifactStore;
  readonly watch?: {
    /** Jobs that one worker waits for at a time. @default 10_000 */
    readonly maxWaitingJobs?: number;
  };
}

/**
 * Makes jobs on SQLFlow and Linkis durable in a Temporal worker: adds the activities, and runs a
 * companion worker on `<taskQueue>-watch` for the waiting ones. The workflows come by re-export:
 * `export * from 'temporal-remote-jobs/workflows'`.
 *
 * @example
 * const plugin = new RemoteJobsPlugin({
 *   connections: { lineage: { type: 'sqlflow', url, userId, secretKey: { env: 'SQLFLOW_SECRET_KEY' } } },
 *   artifacts: { folder: '/var/lib/remote-jobs' },
 * });
 * const worker = await Worker.create({ taskQueue: 'etl', workflowsPath, plugins: [plugin] });
 */
export class RemoteJobsPlugin extends CompanionPlugin {
  /** @throws ConfigurationError with every mistake in the options */
  constructor({ artifacts, watch, ...settings }: RemoteJobsPluginOptions) {
    // Checked at once: a worker that starts with a wrong setting would fail its first job instead.
    openSettings(settings);
    const store =
      'folder' in artifacts ? new FolderArtifactStore({ root: artifacts.folder }) : artifacts;
    super({
      name: 'temporal-remote-jobs',
      maxWaitingJobs: watch?.maxWaitingJobs ?? defaultMaxWaitingJobs,
      createActivities() {
        const opened = openSettings(settings);
        return {
          ...createActivities({ ...opened, artifacts: store }),
          close: () => opened.connections.close(),
        };
      },
    });
  }
}
