import { linesBody } from '../../src/artifacts/lines';
import { LogChunks } from '../../src/artifacts/log-chunks';
import type { ArtifactStore } from '../../src/artifacts/store';
import { RemoteServiceError } from '../../src/clients/http/errors';
import type { LinkisClient, LinkisCallOptions, LinkisTask } from '../../src/clients/linkis/public';
import type { SecretResolver } from '../../src/config/secrets';
import type { LogRef } from '../../src/contracts/job';
import { jobArtifacts } from '../../src/contracts/names';
import type { LinkisCollectOutputsInput, LinkisOutputs } from '../../src/contracts/linkis-steps';
import { isPassing } from '../failure';
import type { ActivitySession } from '../session';
import { linesWithoutSecrets, withoutSecrets } from '../without-secrets';
import { collectResultSets } from './collect-results';
import { execHolder } from './exec-holder';
import { LogReader } from './log-reader';

/** As many as anybody's log has; a service that never comes to an end must not be read for ever. */
const drainPages = { lines: 5000, count: 10_000 };
/** Attempts that a log's end is worth, some 15 s in all. */
const drainAttempts = 5;
const tailLines = 40;
const tailBytes = 4096;

type TaskCall = { readonly signal: AbortSignal; readonly user: string };

/** The log of an ended task, and its result sets where it succeeded; each whole or not at all. */
export async function collectOutputs(
  client: LinkisClient,
  store: ArtifactStore,
  secrets: SecretResolver,
  input: LinkisCollectOutputsInput,
  session: ActivitySession,
): Promise<LinkisOutputs> {
  const { signal } = session;
  const call = { signal, user: input.user };
  const task = await client.getTask(input.taskId, call);
  const log = await collectLog(client, store, secrets, session, task, input.execId, call);
  const results =
    input.results && task.resultLocation !== undefined
      ? await collectResultSets(client, store, task.resultLocation, input.format, session, call)
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
  store: ArtifactStore,
  secrets: SecretResolver,
  { folder, attempt }: ActivitySession,
  task: LinkisTask,
  submittedExecId: string | undefined,
  call: TaskCall,
): Promise<LogRef | undefined> {
  const key = `${folder}/${jobArtifacts.log}`;
  const { signal } = call;
  const said = task.logPath && (await persistedLog(client, task.logPath, call));
  if (said) {
    const lines = await linesWithoutSecrets(said, secrets);
    const ref = await store.put(key, linesBody(lines), { format: 'text', signal });
    return { ...ref, source: 'persisted', lines: lines.length };
  }
  const chunks = new LogChunks(store, `${folder}/${jobArtifacts.logChunks}`);
  try {
    // An entrance that took the task over has given it a new execID.
    await drain(client, chunks, secrets, task, task.execId ?? submittedExecId, call);
  } catch (error) {
    if (!(error instanceof RemoteServiceError)) throw error;
    // Mostly the entrance has let go of the task. One that is away for a moment may hold the log's
    // end; one that has died is never heard of again, and the results mustn't wait for it.
    if (isPassing(error) && attempt < drainAttempts) throw error;
  }
  const { lines, restarts, skipped } = await chunks.resume(signal);
  if (lines === 0) return undefined;
  return {
    ...(await chunks.assemble(key, signal)),
    source: 'collected',
    ...(restarts > 0 && { restarts }),
    ...(skipped > 0 && { skippedLines: skipped }),
  };
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
  secrets: SecretResolver,
  task: LinkisTask,
  execId: string | undefined,
  call: TaskCall,
): Promise<void> {
  if (execId === undefined) return;
  const isForeign = async () => (await execHolder(client, task, execId, call)).kind === 'other';
  // The task has ended, so its execID may have been handed out again.
  if (await isForeign()) return;
  await new LogReader(client, chunks, secrets, isForeign).readOn(execId, drainPages, call);
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
