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

const drainPageLines = 5000;
const tailLines = 40;
const tailBytes = 4096;

/** The log of an ended task, and its result sets where it succeeded; each whole or not at all. */
export async function collectOutputs(
  client: LinkisClient,
  store: ArtifactStore,
  secrets: SecretResolver,
  input: LinkisCollectOutputsInput,
  session: ActivitySession,
): Promise<LinkisOutputs> {
  const { signal, folder } = session;
  const call = { signal, user: input.user };
  const task = await client.getTask(input.taskId, call);
  const log = await collectLog(client, store, secrets, folder, task, input.execId, call);
  const results =
    input.results && task.resultLocation !== undefined
      ? await collectResultSets(
          client,
          store,
          folder,
          task.resultLocation,
          input.format,
          session,
          call,
        )
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
  folder: string,
  { logPath, execId }: LinkisTask,
  submittedExecId: string | undefined,
  call: LinkisCallOptions,
): Promise<LogRef | undefined> {
  const key = `${folder}/${jobArtifacts.log}`;
  const { signal } = call;
  if (logPath !== undefined) {
    const said = await persistedLog(client, logPath, call);
    if (said !== undefined) {
      const lines = await linesWithoutSecrets(said, secrets);
      const ref = await store.put(key, linesBody(lines), { format: 'text', signal });
      return { ...ref, source: 'persisted', lines: lines.length };
    }
  }
  const chunks = new LogChunks(store, `${folder}/${jobArtifacts.logChunks}`);
  // An entrance that took the task over has given it a new execID.
  await drain(client, chunks, secrets, execId ?? submittedExecId, call);
  const { lines } = await chunks.resume(signal);
  if (lines === 0) return undefined;
  return { ...(await chunks.assemble(key, signal)), source: 'collected' };
}

async function persistedLog(
  client: LinkisClient,
  logPath: string,
  call: LinkisCallOptions,
): Promise<readonly string[] | undefined> {
  try {
    return (await client.openLog(logPath, call)).lines;
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
  execId: string | undefined,
  call: LinkisCallOptions,
): Promise<void> {
  if (execId === undefined) return;
  let { cursor } = await chunks.resume(call.signal);
  try {
    for (;;) {
      const query = { fromLine: cursor, size: drainPageLines };
      const { lines, fromLine } = await client.log(execId, query, call);
      if (fromLine <= cursor) return;
      const clean = await linesWithoutSecrets(lines, secrets);
      ({ cursor } = await chunks.append(cursor, fromLine, clean, call.signal));
    }
  } catch (error) {
    if (!(error instanceof RemoteServiceError)) throw error;
  }
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
