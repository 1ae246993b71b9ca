import type { SqlFlowJob, SqlFlowJobList } from '../../src/clients/sqlflow/public';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { LineageFormat } from '../../src/contracts/sqlflow';
import type { SqlFlowCollectLineageInput } from '../../src/contracts/sqlflow-steps';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { withoutSecrets } from '../without-secrets';
import { exportFullLineage, exportLineage } from './collect-lineage';

/** Which connection; may be left out where there is just one of this vendor. */
export interface SqlFlowCaller {
  readonly connection?: string;
}

/**
 * One activity per API call, for workflows of one's own. `generateToken` is none of them: a token
 * must not reach history, so the connection holds it.
 *
 * Answers over 1.5 MiB fail with `RemoteJob.TooLarge`.
 */
export function sqlflowSingleCalls(resources: ActivityResources) {
  const clientOf = async (input: SqlFlowCaller) =>
    (await resources.connections.sqlflow(input.connection)).client;

  const { secrets } = resources;
  const clean = async (job: SqlFlowJob): Promise<SqlFlowJob> =>
    job.errorMessage === undefined
      ? job
      : { ...job, errorMessage: await withoutSecrets(job.errorMessage, secrets) };

  return {
    /** A job's own summary. Delivery: reads only. */
    sqlflowGetJob: defineActivity(
      resources,
      async (
        input: SqlFlowCaller & ({ readonly jobId: string } | { readonly jobName: string }),
        { signal },
      ): Promise<SqlFlowJob> =>
        clean(await (await clientOf(input)).displayUserJobSummary(input, signal)),
    ),

    /** Every job of the account. Delivery: reads only. */
    sqlflowListJobs: defineActivity(
      resources,
      async (input: SqlFlowCaller, { signal }): Promise<SqlFlowJobList> => {
        const list = await (await clientOf(input)).displayUserJobsSummary(signal);
        return { ...list, jobs: await Promise.all(list.jobs.map(clean)) };
      },
    ),

    /** One export, checked and stored as an artifact. Delivery: a repeat replaces it. */
    sqlflowExportLineage: defineActivity(
      resources,
      async (
        input: Omit<SqlFlowCollectLineageInput, 'exports' | 'thenDelete'> & {
          readonly format: LineageFormat;
        },
        session,
      ): Promise<ArtifactRef> =>
        exportLineage(await clientOf(input), resources, input, input.format, session),
    ),

    /** The job's whole lineage as JSON, checked and stored as an artifact. Delivery: a repeat replaces it. */
    sqlflowExportFullLineage: defineActivity(
      resources,
      async (
        input: SqlFlowCaller & { readonly jobId: string; readonly showRelationType?: string },
        session,
      ): Promise<ArtifactRef> =>
        exportFullLineage(await clientOf(input), resources, input, session),
    ),

    /** Deletes a job and its lineage. Delivery: a repeat fails with `RemoteJob.NotFound`, or deletes nothing. */
    sqlflowDeleteJob: defineActivity(
      resources,
      async (input: SqlFlowCaller & { readonly jobId: string }, { signal }): Promise<SqlFlowJob> =>
        (await clientOf(input)).deleteUserJob(input.jobId, signal),
    ),

    /** Runs a job again, such as after code 410. Delivery: at least once; a repeat runs it once more. */
    sqlflowRerunJob: defineActivity(
      resources,
      async (
        input: SqlFlowCaller & { readonly jobId: string; readonly jobName: string },
        { signal },
      ): Promise<{ readonly warnings: readonly string[] }> =>
        (await clientOf(input)).rerunJob({ jobId: input.jobId, jobName: input.jobName }, signal),
    ),
  };
}
