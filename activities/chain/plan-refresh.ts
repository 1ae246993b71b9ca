import { packFiles } from '../../src/artifacts/pack-files';
import type { RefreshInput } from '../../src/contracts/chain';
import { defaultKeepRevisions, type RefreshPlan } from '../../src/contracts/chain-steps';
import type { ActivityResources } from '../resources';
import { chooseGeneration } from './choose-generation';
import { compareManifests } from './compare-manifests';
import { lookAtCurrentJob } from './current-job';
import { planInputs } from './plan-inputs';
import { clearOldRevisions, newestRevision } from './revisions';

/** What the service's own proxy takes in one upload, where the connection names nothing else. */
const defaultMaxUploadBytes = 200 * 2 ** 20;

/**
 * Settles what a refresh will do: nothing, or which files go to which job. Sends nothing.
 *
 * @throws ConfigurationError an unknown connection or OpenLineage target
 * @throws InputError files that can't be planned with
 */
export async function planRefresh(
  { connections, artifacts, installation, limits, openlineage }: ActivityResources,
  input: RefreshInput,
  signal: AbortSignal,
): Promise<RefreshPlan> {
  const { request, current } = input;
  // Told after the refresh, a slip of the pen would cost a night.
  if (request.publish !== undefined) openlineage.check(request.publish.target);
  const { client, settings } = await connections.sqlflow(request.connection);
  const { now, ref, baseline, warnings } = await planInputs(artifacts, input, signal);
  const job = await lookAtCurrentJob(client, installation, input, signal);
  const files = compareManifests(now, baseline);
  const chosen = chooseGeneration(input, job, files);
  const told = [...warnings, ...chosen.warnings];

  // A job under an id that is new to the chain: what it holds is known by hearsay.
  const knowsJob = job.kind === 'there' && !job.isNew && !chosen.isNew;
  const sendsAll = !knowsJob || (request.send === 'all' && files.unlike.length > 0);
  const sent = sendsAll ? now.files : files.unlike;
  const counts = { ...files.counts, sent: sent.length };
  if (sent.length === 0) return { kind: 'unchanged', files: counts, warnings: told };

  // Here too, since revisions of refreshes that fail day after day would pile up.
  const { connection, chain, keepRevisions = defaultKeepRevisions } = request;
  const retention = { connection, chain, keepRevisions, revision: input.latest?.revision };
  told.push(...(await clearOldRevisions(artifacts, retention, signal)));
  // A chain that was forgotten and begun anew keeps its old ones.
  const newest = await newestRevision(artifacts, request, signal);
  const parts = await packFiles(artifacts, sent, {
    name: request.chain,
    maxBytes: Math.min(settings.maxUploadBytes ?? defaultMaxUploadBytes, limits.maxFileBytes),
    signal,
  });
  const isFound = job.kind === 'there' && job.isNew && current !== undefined;
  return {
    kind: 'submit',
    revision: Math.max(input.revision, newest + 1),
    inputs: ref,
    generation: chosen.generation,
    candidate: chosen.candidate,
    found: isFound ? { ...current, jobId: job.jobId } : undefined,
    replacedJobs: leftBehind(input, chosen.candidate, job.kind === 'there' ? job : undefined),
    parts,
    files: counts,
    warnings: told,
  };
}

/** Jobs that nobody needs any more once the refresh has passed. */
function leftBehind(
  { current, replacedJobs }: RefreshInput,
  replaces: boolean,
  job: { readonly jobId: string; readonly copies: readonly string[] } | undefined,
): readonly string[] {
  // Somebody else made an adopted job, and may need it.
  const replaced = replaces && current?.adopted !== true && job ? [job.jobId] : [];
  return [...new Set([...replacedJobs, ...(job?.copies ?? []), ...replaced])];
}
