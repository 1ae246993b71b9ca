const client = "import type { Client } from '@temporalio/client';\ndeclare const client: Client;";
const store =
  "import type { ArtifactStore } from 'temporal-remote-jobs';\ndeclare const store: ArtifactStore;";
const signal = 'declare const signal: AbortSignal;';

/** What the blocks of a page take for granted, or imported further above; as little as can be. */
export const preambles: Readonly<Record<string, string>> = {
  'CONTRIBUTING.md': `import { Worker } from '@temporalio/worker';
import { testTemporal, type TestTemporal } from '../../../test/support/temporal';
declare const activities: object;
declare const workflowId: string;
declare const args: [];`,
  'docs/artifact-stores.md': `import { S3ArtifactStore, stageFiles } from 'temporal-remote-jobs';\n${signal}`,
  'docs/chains.md': [client, store, signal].join('\n'),
  'docs/configuration.md': `import { RemoteJobsPlugin } from 'temporal-remote-jobs';
declare const url: string;
declare const userId: string;
declare const vault: { read(name: string): Promise<string> };`,
  'docs/fault-scripts.md': `import { LocalLinkis, type LocalSqlFlow } from 'temporal-remote-jobs/testing';
declare const sqlflow: LocalSqlFlow;`,
};
