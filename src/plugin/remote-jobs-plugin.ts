import { Runtime } from '@temporalio/worker';
import { meterBudgets } from '../../activities/meter-budgets';
import { createActivities } from '../../activities/public';
import { FolderArtifactStore } from '../artifacts/folder-store';
import { S3ArtifactStore } from '../artifacts/s3-store';
import { installationOf } from '../config/installation';
import { openSettings } from '../config/options';
import type { SecretResolver } from '../config/secrets';
import { defaultMaxWaitingJobs } from './companion';
import { CompanionPlugin, type WorkerActivities } from './companion-plugin';
import { openStore } from './open-store';
import {
  checkPluginOptions,
  isArtifactStore,
  type RemoteJobsPluginOptions,
} from './plugin-options';

export type { RemoteJobsPluginOptions };

/**
 * Makes jobs on SQLFlow and Linkis durable in a Temporal worker: adds the activities, and runs a
 * companion worker on `<taskQueue>-watch` for the waiting ones. The workflows come by re-export:
 * `export * from 'temporal-remote-jobs/workflows'`.
 *
 * It may be on the worker, on its connection, or on both. Services are first spoken to when a job
 * needs them; what was opened is closed when the worker has ended.
 *
 * @example
 * const plugin = new RemoteJobsPlugin({
 *   connections: { lineage: { type: 'sqlflow', url, userId, secretKey: { env: 'SQLFLOW_SECRET_KEY' } } },
 *   artifacts: { folder: '/var/lib/remote-jobs' },
 * });
 * const worker = await Worker.create({ taskQueue: 'etl', workflowsPath, plugins: [plugin] });
 */
export class RemoteJobsPlugin extends CompanionPlugin {
  private readonly secrets: Set<SecretResolver>;

  /** @throws ConfigurationError with every mistake in the options */
  constructor(options: RemoteJobsPluginOptions) {
    // Checked at once: a worker that starts with a wrong setting would fail its first job instead.
    checkPluginOptions(options);
    const secrets = new Set<SecretResolver>();
    super({
      name: 'RemoteJobsPlugin',
      maxWaitingJobs: options.watch?.maxWaitingJobs ?? defaultMaxWaitingJobs,
      createActivities: () => openActivities(options, secrets),
    });
    this.secrets = secrets;
  }

  /** The text without any secret that this plugin has read, for a log of the application's own. */
  redact(text: string): string {
    let redacted = text;
    for (const resolver of this.secrets) redacted = resolver.redact(redacted);
    return redacted;
  }
}

function openActivities(
  options: RemoteJobsPluginOptions,
  secrets: Set<SecretResolver>,
): WorkerActivities {
  const { artifacts: given, watch: _watch, hooks, ...settings } = options;
  const opened = openSettings(
    isArtifactStore(given) ? settings : { ...settings, artifacts: given },
  );
  // Kept after the worker's end, too: its last lines come later.
  secrets.add(opened.secrets);
  const artifacts = isArtifactStore(given) ? given : openStore(opened.artifacts, opened.secrets);
  const installation =
    settings.installation === undefined && artifacts instanceof FolderArtifactStore
      ? installationOf(artifacts.root)
      : opened.installation;
  meterBudgets(opened.connections, Runtime.instance().metricMeter);
  return {
    ...createActivities({ ...opened, artifacts, installation, hooks }),
    close: async () => {
      await opened.connections.close();
      await opened.openlineage.close();
      // A store of the application's own is its to close.
      if (artifacts !== given && artifacts instanceof S3ArtifactStore) await artifacts.close();
    },
  };
}
