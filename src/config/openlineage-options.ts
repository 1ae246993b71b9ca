import type { TransportSettings } from './connection-options';
import type { SecretOption } from './secret-source';

interface OpenLineageNaming {
  /**
   * How datasets and columns are spelled. SQL may spell one table in several ways, so `written`
   * (the first spelling) may change from one refresh to the next, and `lower` and `upper` don't.
   * @default 'lower'
   */
  readonly names?: 'lower' | 'upper' | 'written';
  /**
   * Namespace of the datasets, as the catalog has it, such as `hive://metastore:9083`; where a chain
   * or a command gives none. @default of the dbvendor and the connection: `hive://<connection>`
   */
  readonly datasetNamespace?: string;
  /** Namespace of the jobs, likewise. @default `remote-jobs/<connection>` */
  readonly jobNamespace?: string;
  /** URI that the events give as their producer. @default this package's page */
  readonly producer?: string;
}

/** A service that takes OpenLineage events by HTTP. */
export interface OpenLineageEndpointOptions<Secret = SecretOption>
  extends TransportSettings, OpenLineageNaming {
  /** Where events are posted, path included: `http://marquez:5000/api/v1/lineage`. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: Secret;
  /** More headers, by name. */
  readonly headers?: Readonly<Record<string, Secret>>;
}

/** A folder that gets a file of events, one a line, for each refresh. */
export interface OpenLineageFolderOptions extends OpenLineageNaming {
  /** Where the files go. */
  readonly folder: string;
}

/** Where `publish` of a chain and `lineage publish` may send lineage, under `openlineage`. */
export type OpenLineageTargetOptions<Secret = SecretOption> =
  OpenLineageEndpointOptions<Secret> | OpenLineageFolderOptions;
