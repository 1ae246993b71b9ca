import { CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { ChainMainActivities } from '../../activities/chain/types';
import type { LineageMainActivities } from '../../activities/lineage/types';
import type {
  ChainRevision,
  RefreshDone,
  RefreshInput,
  RefreshResult,
} from '../../src/contracts/chain';
import {
  defaultKeepRevisions,
  type DeletedReplaced,
  type SettledRevision,
  type SubmitPlan,
} from '../../src/contracts/chain-steps';
import { collectOptions, killOptions } from '../engine/activity-options';
import { firstWords } from '../engine/failure-words';
import type { JobHolder } from './job-holder';
import type { RefreshedJob } from './run-parts';
import { told } from './words';

/** Publishing is a help for others: no refresh waits for it longer than this, in milliseconds. */
const publishWithinMs = 15 * 60_000;
/** What has passed its gate becomes the latest, however little time is left; in milliseconds. */
const finishWithinMs = 10 * 60_000;

/** Publishes the revision, writes down what it is, moves the pointer, and clears away what it replaces. */
export async function makeLatest(
  { request }: RefreshInput,
  plan: SubmitPlan,
  holder: JobHolder,
  run: RefreshedJob,
  settled: SettledRevision,
  gate: RefreshResult['gate'],
  deadlineAtMs: number,
): Promise<RefreshDone> {
  const { chain, connection, scheduledAtMs, tableToTable, exportSettings } = request;
  const { revision, inputs, files } = plan;
  const { generation, jobId } = holder.generation;
  if (jobId === undefined) throw new Error('a job that was exported has a jobId');
  const leftMs = () => Math.max(0, deadlineAtMs - Date.now());
  const warnings = [...plan.warnings, ...run.warnings, ...settled.warnings];
  const forPublishingMs = Math.min(publishWithinMs, Math.max(1000, Math.floor(leftMs() / 2)));
  warnings.push(...(await published(request, revision, run, forPublishingMs)));

  const atMs = Date.now();
  const artifacts = { ...run.artifacts, ...settled.artifacts };
  const result: Omit<RefreshResult, 'fileErrors'> = {
    chain,
    connection,
    revision,
    generation,
    jobId,
    status: run.status,
    inputs,
    files,
    comparedWith: settled.comparedWith,
    exportedWith: { tableToTable, exportSettings },
    counts: settled.counts,
    gate,
    warnings: told(warnings),
    artifacts,
    submittedAtMs: run.submittedAtMs,
    endedAtMs: run.ended.endedAtMs,
    scheduledAtMs,
  };
  const { sqlflowFinishRevision } = proxyActivities<ChainMainActivities>(
    collectOptions(Math.max(finishWithinMs, leftMs())),
  );
  const finished = await sqlflowFinishRevision({
    result,
    latest: { revision, generation, jobId, atMs, artifacts },
    keepRevisions: request.keepRevisions ?? defaultKeepRevisions,
  });
  // From here on it is the latest, so a cancel that comes now changes nothing any more.
  const { left, warnings: notDeleted } = await deleted(request, plan.replacedJobs, jobId);
  const chainRevision: ChainRevision = {
    revision,
    generation,
    manifest: inputs,
    lineage: run.lineage,
    mark: run.ended.mark,
    atMs,
  };
  return {
    end: 'refreshed',
    generation: holder.generation,
    latest: chainRevision,
    files,
    counts: settled.counts,
    warnings: told([...warnings, ...finished.warnings, ...notDeleted]),
    result: finished.result,
    replacedJobs: left,
  };
}

async function published(
  { publish, chain, connection, scheduledAtMs }: RefreshInput['request'],
  revision: number,
  { lineage, ended }: RefreshedJob,
  withinMs: number,
): Promise<readonly string[]> {
  if (publish === undefined) return [];
  const { lineagePublish } = proxyActivities<LineageMainActivities>(collectOptions(withinMs));
  const run = {
    chain,
    connection,
    revision,
    atMs: ended.endedAtMs,
    scheduledAtMs,
  };
  try {
    await lineagePublish({ ...publish, lineage, run });
    return [];
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    return [`the lineage was not published to ${publish.target}: ${firstWords(error)}`];
  }
}

/** Jobs that the new generation replaced. By policy they stay, and the chain forgets them. */
async function deleted(
  { connection, replaced }: RefreshInput['request'],
  replacedJobs: readonly string[],
  present: string,
): Promise<DeletedReplaced> {
  const jobIds = replacedJobs.filter((jobId) => jobId !== present);
  if (jobIds.length === 0) return { left: [], warnings: [] };
  if (replaced === 'keep') {
    return {
      left: [],
      warnings: [`replaced SQLFlow jobs stay in the account: ${jobIds.join(', ')}`],
    };
  }
  const { sqlflowDeleteReplaced } = proxyActivities<ChainMainActivities>(killOptions());
  try {
    return await CancellationScope.nonCancellable(() =>
      sqlflowDeleteReplaced({ connection, jobIds }),
    );
  } catch (error) {
    const words = `replaced SQLFlow jobs are still to be deleted: ${firstWords(error)}`;
    return { left: jobIds, warnings: [words] };
  }
}
