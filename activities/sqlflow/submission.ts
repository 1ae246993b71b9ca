import { Readable } from 'node:stream';
import type { SqlFlowCallOptions, SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { UploadFile } from '../../src/clients/http/upload-file';
import type { StagedFile } from '../../src/contracts/artifact';
import type { SqlFlowDatabaseSource } from '../../src/contracts/sqlflow';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { SecretResolver } from '../../src/config/secrets';
import type { SubmitDecision } from '../../src/contracts/job';
import { LimitError } from '../../src/contracts/limits';
import type { ActivityResources } from '../resources';
import { bearsKey } from './job-name';

/** The account's jobs of this submission. More than one: a request took effect late. */
export async function findAllByKey(
  client: SqlFlowClient,
  installation: string,
  key: string,
  signal: AbortSignal,
  options?: SqlFlowCallOptions,
): Promise<readonly SqlFlowListedJob[]> {
  const wants = (jobName: string) => bearsKey(jobName, installation, key);
  const { jobs } = await client.selectUserJobs({ field: 'jobName', wants }, signal, options);
  return jobs;
}

export function adoption(job: Pick<SqlFlowJob, 'status'>): SubmitDecision {
  const kind = sqlflowStatus(job.status);
  const ended = kind === 'succeeded' || kind === 'partiallySucceeded' || kind === 'failed';
  return ended ? 'adoptedFinished' : 'adopted';
}

/**
 * Staged files as uploads: read from the store again for every attempt, never held in memory.
 *
 * @throws LimitError where they are too many, or one is too large
 */
export function uploads(
  files: readonly StagedFile[] | undefined,
  { artifacts, limits }: Pick<ActivityResources, 'artifacts' | 'limits'>,
  signal: AbortSignal,
): UploadFile[] {
  const { maxFiles, maxFileBytes } = limits;
  const count = files?.length ?? 0;
  if (count > maxFiles) {
    const what = `the submission has ${count} files`;
    throw new LimitError('maxFiles', maxFiles, what, 'give them as one zip');
  }
  return (files ?? []).map(({ name, artifact: { uri, sizeBytes } }) => {
    if (sizeBytes > maxFileBytes) {
      const what = `the file ${JSON.stringify(name.slice(0, 200))} has ${sizeBytes} bytes`;
      throw new LimitError('maxFileBytes', maxFileBytes, what, 'split it');
    }
    return { name, sizeBytes, open: () => readLazily(artifacts, uri, signal) };
  });
}

function readLazily(store: ArtifactStore, uri: string, signal: AbortSignal): Readable {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* await store.open(uri, signal);
  }
  return Readable.from(bytes(), { objectMode: false });
}

export async function withPassword(
  database: SqlFlowDatabaseSource | undefined,
  secrets: SecretResolver,
) {
  if (database === undefined) return undefined;
  return { ...database, password: await secrets.resolve(database.password) };
}
