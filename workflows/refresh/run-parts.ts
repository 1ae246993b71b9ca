import { proxyActivities } from '@temporalio/workflow';
import type { SqlFlowMainActivities } from '../../activities/sqlflow/types';
import { revisionFolder, type RefreshInput } from '../../src/contracts/chain';
import type { SubmitPlan } from '../../src/contracts/chain-steps';
import type { ArtifactRef, StagedFile } from '../../src/contracts/artifact';
import type { KillReport, SubmissionHistory } from '../../src/contracts/job';
import type { LineageFormat } from '../../src/contracts/sqlflow';
import type {
  CollectedLineage,
  EndedSqlFlowJob,
  SubmittedSqlFlowJob,
} from '../../src/contracts/sqlflow-steps';
import { collectOptions, killOptions, submitOptions } from '../engine/activity-options';
import type { JobTracker } from '../engine/job-tracker';
import { runRemoteJob } from '../engine/run-remote-job';
import { guardSize } from '../engine/size-guard';
import type { RemoteJobSteps } from '../engine/steps';
import { awaitSqlFlowJob, removeSqlFlowTwins } from '../sqlflow-job';
import { abandoned } from '../sqlflow-persist-job';
import type { JobHolder } from './job-holder';

/** What one submit came to. */
interface PartRun extends SubmissionHistory {
  readonly job: SubmittedSqlFlowJob;
  readonly ended: EndedSqlFlowJob;
  readonly collected?: CollectedLineage;
  readonly movedWithAPart: boolean;
}

/** What all submits of a refresh came to. */
export interface RefreshedJob {
  readonly submittedAtMs: number;
  readonly status: 'success' | 'partial_success';
  /** `lineage.json`. */
  readonly lineage: ArtifactRef;
  readonly artifacts: CollectedLineage['lineage'];
  /** Of the last submit. */
  readonly job: SubmittedSqlFlowJob;
  readonly ended: EndedSqlFlowJob;
  readonly warnings: readonly string[];
}

/**
 * Submits the parts one after the other, each awaited before the next, and exports what the last one
 * leaves: the job then holds the lineage of all.
 *
 * @returns `movedWithAPart` where the service answered with another jobId than the one that was
 *   named, and not every file was on its way to it: what that job holds can't be known
 */
export async function runParts(
  input: RefreshInput,
  plan: SubmitPlan,
  holder: JobHolder,
  tracker: JobTracker,
  deadlineAtMs: number,
): Promise<RefreshedJob | 'movedWithAPart'> {
  const runs: PartRun[] = [];
  for (const [index, files] of plan.parts.entries()) {
    const isLast = index === plan.parts.length - 1;
    const isFirst = index === 0;
    const steps = partSteps(input, plan, holder, { files, isFirst, isLast, deadlineAtMs });
    const key = holder.jobId === undefined ? holder.generation.key : undefined;
    const run = await runRemoteJob<SubmittedSqlFlowJob, EndedSqlFlowJob, PartRun>(steps, {
      tracker,
      key,
    });
    if (run.movedWithAPart) return 'movedWithAPart';
    runs.push(run);
  }
  const [first] = runs;
  const last = runs.at(-1);
  const lineage = last?.collected?.lineage.json;
  if (first === undefined || last?.collected === undefined || lineage === undefined) {
    throw new Error('a plan has parts, and the last one is exported');
  }
  const isPartial = runs.some(({ ended }) => ended.status === 'partial_success');
  return {
    submittedAtMs: first.job.submittedAtMs,
    status: isPartial ? 'partial_success' : 'success',
    lineage,
    artifacts: last.collected.lineage,
    job: last.job,
    ended: last.ended,
    warnings: [
      ...holder.warnings,
      ...runs.flatMap(({ job, ended, twins }) => [
        ...job.warnings,
        ...ended.warnings,
        ...(twins ?? []).map(({ evidence }) => `a copy of the job was made and ended: ${evidence}`),
      ]),
    ],
  };
}

interface Part {
  readonly files: readonly StagedFile[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly deadlineAtMs: number;
}

function partSteps(
  { request, mayBeSubmitted, current }: RefreshInput,
  plan: SubmitPlan,
  holder: JobHolder,
  part: Part,
): RemoteJobSteps<SubmittedSqlFlowJob, EndedSqlFlowJob, PartRun> {
  const { jobId } = holder;
  const { connection } = request;
  const { dbVendor, defaultDatabase, defaultSchema } = plan.generation.settings;
  const settings = { dbVendor, defaultDatabase, defaultSchema };
  const job = { connection, jobName: request.chain, jobId, files: part.files, ...settings };
  // Whichever job answers then gets every file; one that answers a later part has missed the first.
  const getsAll = part.isFirst && plan.files.sent === plan.files.total;
  let isMoved = false;
  // An earlier refresh's request can still make a job that bears the same key.
  const mayHaveTwin = mayBeSubmitted && plan.generation.key === current?.key;
  const left = async (kill: KillReport) => {
    await holder.left(kill);
    return kill;
  };
  return {
    vendor: 'sqlflow',
    connection,
    timeoutMs: Math.max(1, part.deadlineAtMs - Date.now()),
    async submit({ key }, timeoutMs) {
      const { sqlflowSubmitPersistJob } = proxyActivities<SqlFlowMainActivities>(
        submitOptions(timeoutMs),
      );
      const submitted = await sqlflowSubmitPersistJob(
        guardSize('the input of sqlflowSubmitPersistJob', { job, key, mayHaveTwin }),
      );
      isMoved = await holder.took(submitted.remoteId);
      return submitted;
    },
    awaitEnd: (submitted, deadlineAtMs) =>
      awaitSqlFlowJob(submitted, deadlineAtMs, request.partialSuccess),
    async collect(submitted, ended) {
      const movedWithAPart = isMoved && !getsAll;
      const isDue = part.isLast && !movedWithAPart;
      const collected = isDue ? await exported(request, plan, submitted.remoteId, part) : undefined;
      return { job: submitted, ended, collected, movedWithAPart };
    },
    kill: (submitted) => left(abandoned(submitted.remoteId)),
    async killByKey({ key }) {
      // A candidate whose jobId nobody learned holds nothing that anybody needs, and could never be found again.
      if (jobId !== undefined || !holder.candidate) return left(abandoned(jobId));
      const { sqlflowKillJob } = proxyActivities<SqlFlowMainActivities>(killOptions());
      const kill = await sqlflowKillJob({ key, connection, policy: 'delete' });
      if (kill.outcome !== 'removed') await holder.left(kill, kill.remoteId);
      return kill;
    },
    removeTwins: jobId === undefined ? removeSqlFlowTwins : undefined,
  };
}

const everyFormat: readonly LineageFormat[] = ['json', 'csv', 'graphml'];

function exported(
  { connection, chain, exports, tableToTable, delimiter, exportSettings }: RefreshInput['request'],
  { revision }: SubmitPlan,
  jobId: string,
  { deadlineAtMs }: Part,
): Promise<CollectedLineage> {
  const { sqlflowCollectLineage } = proxyActivities<SqlFlowMainActivities>(
    collectOptions(Math.max(1000, deadlineAtMs - Date.now())),
  );
  return sqlflowCollectLineage({
    connection,
    jobId,
    // The diff, the gate and the picture are made of the JSON.
    exports: [...new Set<LineageFormat>(['json', ...(exports ?? everyFormat)])],
    tableToTable,
    delimiter,
    exportSettings,
    thenDelete: false,
    folder: revisionFolder(connection, chain, revision),
  });
}
