import { FolderArtifactStore } from '../artifacts/folder-store';
import type { ArtifactStore } from '../artifacts/store';
import { ConfigurationError } from '../config/errors';
import type { JobHooks } from '../contracts/hooks';
import { openSettings, type ArtifactOptions, type JobSettings } from '../config/options';

export interface RemoteJobsPluginOptions extends JobSettings {
  /**
   * Where inputs, logs, results and lineage go: a folder, an S3 bucket, or a store of one's own.
   * Callers and workers on several machines need one that they share.
   */
  readonly artifacts: ArtifactOptions | ArtifactStore;
  /**
   * Names this deployment in the keys of its jobs: all its workers share it, and no other
   * deployment on the same account may have it. 1 to 32 of a-z, 0-9 and "-".
   *
   * @default a name that is drawn once and kept in the artifact folder; needed with another store
   */
  readonly installation?: string;
  readonly watch?: {
    /** Jobs that one worker waits for at a time, 1 to 100,000. @default 10_000 */
    readonly maxWaitingJobs?: number;
  };
  /**
   * Spans of workflows, activities and calls to the services, which then carry `traceparent`, by the
   * application's own OpenTelemetry (`@opentelemetry/api`). @default false
   */
  readonly tracing?: boolean;
  /**
   * The application's say in the life of every job: refuse or amend it before its submit, hear of its
   * end. All workers of a task queue should have the same. @default none
   */
  readonly hooks?: JobHooks;
}

const missingInstallation =
  'installation is missing: name the deployment, since the plugin draws and keeps a name for it in an artifact folder only';

const mostWaitingJobs = 100_000;

export function isArtifactStore(
  artifacts: RemoteJobsPluginOptions['artifacts'],
): artifacts is ArtifactStore {
  return typeof (artifacts as Partial<ArtifactStore> | undefined)?.put === 'function';
}

/** @throws ConfigurationError with every mistake */
export function checkPluginOptions(options: RemoteJobsPluginOptions): void {
  const problems = [
    ...settingsProblems(options),
    ...artifactProblems(options),
    ...watchProblems(options.watch),
    ...hookProblems(options.hooks),
  ];
  if (Object.keys(options.connections ?? {}).length === 0) {
    problems.push('connections names none: give at least one, by a name of your choice');
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function settingsProblems(options: RemoteJobsPluginOptions) {
  const { artifacts, watch: _watch, hooks: _hooks, tracing: _tracing, ...settings } = options;
  try {
    openSettings(isArtifactStore(artifacts) ? settings : { ...settings, ...{ artifacts } });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

function artifactProblems({ artifacts, installation }: RemoteJobsPluginOptions): string[] {
  if (isArtifactStore(artifacts)) {
    if (installation !== undefined || artifacts instanceof FolderArtifactStore) return [];
    return [missingInstallation];
  }
  const { folder, s3 } = (artifacts ?? {}) as { folder?: unknown; s3?: unknown };
  if (s3 !== undefined) return installation === undefined ? [missingInstallation] : [];
  if (folder !== undefined) return [];
  return [
    'artifacts.folder is missing: name a folder, a bucket (artifacts.s3), or give an artifact store of your own',
  ];
}

function watchProblems(watch: unknown = {}): string[] {
  if (typeof watch !== 'object' || watch === null) {
    return ['watch must be settings by their names (maxWaitingJobs)'];
  }
  const { maxWaitingJobs = 1, ...others } = watch as { maxWaitingJobs?: unknown };
  const problems = Object.keys(others).map(
    (key) => `watch.${key} is no setting: known is maxWaitingJobs`,
  );
  const count = Number(maxWaitingJobs);
  if (!Number.isInteger(maxWaitingJobs) || count < 1 || count > mostWaitingJobs) {
    problems.push(
      `watch.maxWaitingJobs must be a whole number of jobs from 1 to ${mostWaitingJobs}, not ${JSON.stringify(maxWaitingJobs)}`,
    );
  }
  return problems;
}

const knownHooks: Readonly<Record<keyof JobHooks, true>> = { beforeSubmit: true, afterEnd: true };

function hookProblems(hooks: unknown = {}): string[] {
  if (typeof hooks !== 'object' || hooks === null) {
    return ['hooks must be functions by their names (beforeSubmit, afterEnd)'];
  }
  return Object.entries(hooks).flatMap(([name, hook]) => {
    if (!Object.hasOwn(knownHooks, name)) {
      return [`hooks.${name} is no hook: known are beforeSubmit and afterEnd`];
    }
    const isFine = hook === undefined || typeof hook === 'function';
    return isFine ? [] : [`hooks.${name} must be a function, not ${JSON.stringify(hook)}`];
  });
}
