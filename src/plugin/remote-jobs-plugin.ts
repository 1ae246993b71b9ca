import { Runtime } from '@temporalio/worker';
import { meterBudgets } from '../../activities/meter-budgets';
import { meteredCalls } from '../../activities/meter-calls';
import { createActivities } from '../../activities/public';
import { warnOfAssumedQuotas } from '../../activities/warn-of-quota';
import { FolderArtifactStore } from '../artifacts/folder-store';
import { S3ArtifactStore } from '../artifacts/s3-store';
import { installationOf } from '../config/installation';
import { openSettings, type JobSettings, type OpenedSettings } from '../config/options';
import { together } from '../clients/http/call-observer';
import type { ReloadedConnections } from '../config/reload';
import { defaultMaxWaitingJobs } from './companion';
import { CompanionPlugin, type WorkerActivities } from './companion-plugin';
import { openStore } from './open-store';
import { Tracing } from './tracing/tracing';
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
  private readonly opened: Set<OpenedSettings>;

  /** @throws ConfigurationError with every mistake in the options */
  constructor(options: RemoteJobsPluginOptions) {
    // Checked at once: a worker that starts with a wrong setting would fail its first job instead.
    checkPluginOptions(options);
    const opened = new Set<OpenedSettings>();
    const tracing = options.tracing === true ? new Tracing() : undefined;
    super({
      tracing,
      name: 'RemoteJobsPlugin',
      maxWaitingJobs: options.watch?.maxWaitingJobs ?? defaultMaxWaitingJobs,
      createActivities: () => openActivities(options, opened, tracing),
    });
    this.opened = opened;
  }

  /** The text without any secret that this plugin has read, for a log of the application's own. */
  redact(text: string): string {
    let redacted = text;
    for (const { secrets } of this.opened) redacted = secrets.redact(redacted);
    return redacted;
  }

  /**
   * Takes rotated secrets under workers that run: where newer settings say that the connections'
   * credentials and `secrets` are found, and what is found there now. A value in a file is read anew
   * without it, each minute and where a service refuses the old one.
   *
   * @param settings as the plugin was given them, and changed since; all but secrets is left as it is
   * @returns what was taken, and which changes wait for a start
   * @throws ConfigurationError with every mistake; nothing is changed then
   */
  async reload(settings: JobSettings): Promise<ReloadedConnections> {
    const newer = openSettings(settings);
    const reports: ReloadedConnections[] = [];
    for (const { connections, secrets, openlineage } of this.opened) {
      secrets.reload(newer.secrets);
      openlineage.reload();
      reports.push(await connections.reload(newer.connections));
    }
    await newer.connections.close();
    const all = (list: keyof ReloadedConnections) => [
      ...new Set(reports.flatMap((report) => report[list])),
    ];
    return { renewed: all('renewed'), ignored: all('ignored'), problems: all('problems') };
  }
}

function openActivities(
  options: RemoteJobsPluginOptions,
  all: Set<OpenedSettings>,
  tracing: Tracing | undefined,
): WorkerActivities {
  const { artifacts: given, watch: _watch, hooks, tracing: _tracing, ...settings } = options;
  const opened = openSettings(
    isArtifactStore(given) ? settings : { ...settings, artifacts: given },
  );
  // Kept after the worker's end, too: its last lines come later.
  all.add(opened);
  const artifacts = isArtifactStore(given) ? given : openStore(opened.artifacts, opened.secrets);
  const installation =
    settings.installation === undefined && artifacts instanceof FolderArtifactStore
      ? installationOf(artifacts.root)
      : opened.installation;
  const { metricMeter: meter, logger } = Runtime.instance();
  meterBudgets(opened.connections, meter);
  warnOfAssumedQuotas(opened.connections, logger);
  opened.connections.observeCalls((vendor, connection) => {
    const metered = meteredCalls(vendor, connection, meter);
    return tracing === undefined ? metered : together([metered, tracing.calls(vendor, connection)]);
  });
  return {
    ...createActivities({ ...opened, artifacts, installation, hooks, meter }),
    close: async () => {
      await opened.connections.close();
      await opened.openlineage.close();
      // A store of the application's own is its to close.
      if (artifacts !== given && artifacts instanceof S3ArtifactStore) await artifacts.close();
    },
  };
}
