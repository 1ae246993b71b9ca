import { linesBody } from '../../src/artifacts/lines';
import { LogChunks } from '../../src/artifacts/log-chunks';
import type { ArtifactStore } from '../../src/artifacts/store';
import { RemoteServiceError } from '../../src/clients/http/errors';
import type { LinkisClient, LinkisCallOptions, LinkisTask } from '../../src/clients/linkis/public';
import type { LogRef } from '../../src/contracts/job';
import { LimitError, type Limits } from '../../src/contracts/limits';
import { jobArtifacts, logChunksFolder } from '../../src/contracts/names';
import type { LinkisCollectOutputsInput, LinkisOutputs } from '../../src/contracts/linkis-steps';
import { isPassing } from '../failure';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { linesWithoutSecrets, withoutSecrets } from '../without-secrets';
import { collectResultSets } from './collect-results';
import { execHolder } from './exec-holder';
import { LogReader } from './log-reader';

/** Lines of a log's end asked for in one call. */
const drainLines = 5000;
/** Attempts that a log's end is worth, some 15 s in all. */
const drainAttempts = 5;
const tailLines = 40;
const tailBytes = 4096;

type OutputResources = Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>;
type TaskCall = { readonly signal: AbortSignal; readonly user: string };

/** The log of an ended task, and its result sets where it succeeded; each whole or not at all. */
export async function collectOutputs(
  client: LinkisClient,
  resources: OutputResources,
  input: LinkisCollectOutputsInput,
  session: ActivitySession,
): Promise<LinkisOutputs> {
  const { artifacts: store, secrets } = resources;
  const { signal } = session;
  const call = { signal, user: input.user };
  const task = await client.getTask(input.taskId, call);
  const log = await collectLog(client, resources, session, task, input.execId, call);
  const results =
    input.results && task.resultLocation !== undefined
      ? await collectResultSets(client, resources, task.resultLocation, input.format, session, call)
      : [];
  // Only a failure's report shows it; a task that succeeded spares its history the bytes.
  const logTail = log === undefined || input.results ? '' : await readTail(store, log, signal);
  return { log, logTail: await withoutSecrets(logTail, secrets), results };
}

/**
 * The service's own log where it can be had: live lines are lost and repeated, also without any
 * fault. Else what was collected while the task ran, drained to its end.
 */
async function collectLog(
  client: LinkisClient,
  resources: OutputResources,
  { folder, attempt }: ActivitySession,
  task: LinkisTask,
  submittedExecId: string | undefined,
  call: TaskCall,
): Promise<LogRef | undefined> {
  const { artifacts: store, limits, secrets } = resources;
  const key = `${folder}/${jobArtifacts.log}`;
  const { signal } = call;
  const said = task.logPath && (await persistedLog(client, task.logPath, call));
  if (said) {
    refuseLongLog(said.length, limits);
    const lines = await linesWithoutSecrets(said, secrets);
    const ref = await store.put(key, linesBody(lines), { format: 'text', signal });
    return { ...ref, source: 'persisted', lines: lines.length };
  }
  const chunks = new LogChunks(store, logChunksFolder(folder, task.taskId));
  try {
    // An entrance that took the task over has given it a new execID.
    await drain(client, chunks, resources, task, task.execId ?? submittedExecId, call);
  } catch (error) {
    if (!(error instanceof RemoteServiceError)) throw error;
    // Mostly the entrance has let go of the task. One that is away for a moment may hold the log's
    // end; one that has died is never heard of again, and the results mustn't wait for it.
    if (isPassing(error) && attempt < drainAttempts) throw error;
  }
  const { lines, restarts, skipped } = await chunks.resume(signal);
  if (lines === 0) return undefined;
  refuseLongLog(lines, limits);
  return {
    ...(await chunks.assemble(key, signal)),
    source: 'collected',
    ...(restarts > 0 && { restarts }),
    ...(skipped > 0 && { skippedLines: skipped }),
  };
}

/** Cut short, it would pass for the whole log. */
function refuseLongLog(lines: number, { maxLogLines }: Limits): void {
  if (lines <= maxLogLines) return;
  const remedy = 'let the task say less';
  throw new LimitError('maxLogLines', maxLogLines, `the task's log has ${lines} lines`, remedy);
}

async function persistedLog(
  client: LinkisClient,
  logPath: string,
  call: LinkisCallOptions,
): Promise<readonly string[] | undefined> {
  try {
    const { lines } = await client.openLog(logPath, call);
    // An empty file is one that hasn't been written yet: every task's log has a first line.
    return lines.length > 0 ? lines : undefined;
  } catch (error) {
    // A passing fault is retried. Refused, unreadable or too large, the log is no reason to lose
    // the task's results: the collected lines are what is left.
    if (!(error instanceof RemoteServiceError) || isPassing(error)) throw error;
    return undefined;
  }
}

/** Reads what the entrance still holds; it lets go of a task some time after its end. */
async function drain(
  client: LinkisClient,
  chunks: LogChunks,
  { limits, secrets }: OutputResources,
  task: LinkisTask,
  execId: string | undefined,
  call: TaskCall,
): Promise<void> {
  if (execId === undefined) return;
  const isForeign = async () => (await execHolder(client, task, execId, call)).kind === 'other';
  // The task has ended, so its execID may have been handed out again.
  if (await isForeign()) return;
  // One page more than the limit allows: a service that never comes to an end isn't read for ever.
  const pages = { lines: drainLines, count: Math.ceil(limits.maxLogLines / drainLines) + 2 };
  await new LogReader(client, chunks, secrets, isForeign).readOn(execId, pages, call);
}

/** The last lines, for a failure's details: short enough for history. */
async function readTail(store: ArtifactStore, log: LogRef, signal: AbortSignal): Promise<string> {
  let tail = '';
  for await (const chunk of await store.open(log.uri, signal)) {
    tail = (tail + (chunk as Buffer).toString('utf8')).slice(-4 * tailBytes);
  }
  const lines = tail.trimEnd().split('\n').slice(-tailLines).join('\n');
  return lines.slice(-tailBytes);
}
