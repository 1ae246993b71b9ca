import type { ConnectionRegistry } from '../config/connections';
import { loadConfig, type RemoteJobsConfig } from '../config/load';
import { openSettings, type JobSettings } from '../config/options';
import { defaultTaskQueue } from '../contracts/names';
import { openStore, type ConfiguredStore } from '../plugin/open-store';
import type { CliContext } from './context';
import { findDevStacks, type DevState } from './dev-state';
import { localConnections, type StandInUrls } from './local-connections';
import { temporalTarget, type TemporalFlags, type TemporalTarget } from './temporal-target';

/** Where a command works: its configuration, its Temporal, its artifacts. */
export interface CliSettings {
  /** As the file and the environment say. */
  readonly config: RemoteJobsConfig;
  readonly target: TemporalTarget;
  readonly taskQueue: string;
  readonly artifacts: ConfiguredStore;
  /** What jobs need, a dev stack's stand-ins among it. */
  readonly jobs: JobSettings;
  /** For what is asked of a service without Temporal. */
  readonly connections: ConnectionRegistry;
  /** The dev stack that the Temporal server belongs to. */
  readonly dev?: DevState;
}

export interface SettingsFlags extends TemporalFlags {
  readonly config?: string;
  readonly taskQueue?: string;
}

/**
 * The configuration file and the environment; and where the Temporal server is a dev stack's, what
 * that stack has: its artifact folder, its task queue, and its stand-ins for services that aren't
 * configured here.
 *
 * @throws ConfigurationError with every mistake
 */
export async function loadSettings(
  context: CliContext,
  flags: SettingsFlags,
): Promise<CliSettings> {
  const { env, cwd } = context;
  const config = loadConfig({ file: flags.config, env, cwd });
  const stacks = await findDevStacks(context);
  const here = stacks.find((stack) => stack.cwd === cwd);
  const target = temporalTarget(flags, context, here);
  const dev = stacks.find(({ temporal }) => temporal === withoutName(target.address));
  const jobs = jobSettings(config, dev);
  const { connections, secrets } = openSettings(jobs, env);
  return {
    config,
    target,
    taskQueue: flags.taskQueue ?? dev?.taskQueue ?? config.defaults.taskQueue ?? defaultTaskQueue,
    // A dev stack's is a folder, so that nothing of it gets among what is real.
    artifacts: openStore(dev ? { folder: dev.artifacts } : config.artifacts, secrets),
    jobs,
    connections,
    dev,
  };
}

/**
 * What jobs need of the configuration. Beside a dev stack its stand-ins come first, so that nothing
 * reaches a real service unless its connection is named.
 */
export function jobSettings(config: RemoteJobsConfig, local?: StandInUrls): JobSettings {
  const { installation, secrets, defaults, connections, limits, inputs, openlineage, notify } =
    config;
  if (local === undefined) {
    return {
      installation,
      secrets,
      defaults,
      connections,
      limits,
      inputs,
      openlineage,
      notify,
    };
  }
  return {
    installation,
    secrets,
    limits,
    inputs,
    openlineage,
    notify,
    defaults: { ...defaults, sqlflow: 'sqlflow', linkis: 'linkis' },
    connections: { ...connections, ...localConnections(local) },
  };
}

function withoutName(address: string): string {
  return address.replace(/^localhost:/, '127.0.0.1:');
}
