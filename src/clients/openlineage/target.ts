import type { OpenLineageClient } from './client';

/** Where OpenLineage events go, and how they are spelled. */
export interface OpenLineageTarget {
  /** As the configuration names it. */
  readonly name: string;
  readonly to: OpenLineageClient | { readonly folder: string };
  readonly names: 'lower' | 'upper' | 'written';
  readonly producer?: string;
  /** Where no chain or command says another. */
  readonly jobNamespace?: string;
  readonly datasetNamespace?: string;
}
