import type { MetricMeter } from '@temporalio/common';
import type { ArtifactStore } from '../src/artifacts/store';
import type { ConnectionRegistry } from '../src/config/connections';
import type { NotifyTargets } from '../src/config/notify-targets';
import type { OpenLineageTargets } from '../src/config/openlineage-targets';
import type { SecretResolver } from '../src/config/secrets';
import type { JobHooks } from '../src/contracts/hooks';
import type { Limits } from '../src/contracts/limits';

/** What the activities of one worker stand on. The plugin builds it once and closes it with the worker. */
export interface ActivityResources {
  readonly connections: ConnectionRegistry;
  readonly artifacts: ArtifactStore;
  readonly secrets: SecretResolver;
  readonly limits: Limits;
  /** Absolute folders that scheduled runs may read files from. */
  readonly inputRoots: readonly string[];
  /** Where lineage may be published. */
  readonly openlineage: OpenLineageTargets;
  /**
   * Names the deployment whose jobs these are; part of every submission's key, so that two
   * deployments that share an account never touch each other's jobs.
   */
  readonly installation: string;
  /** The application's say before a submit and after an end. @default none */
  readonly hooks?: JobHooks;
  /** Where notifications go. @default nowhere */
  readonly notify?: NotifyTargets;
  /** Of the process: for what belongs to no single activity. @default nothing is measured */
  readonly meter?: MetricMeter;
}
