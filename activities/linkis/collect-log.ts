import { LogChunks, logLines } from '../../src/artifacts/log-chunks';
import { RemoteServiceError } from '../../src/clients/http/errors';
import type { LinkisClient, LinkisTask } from '../../src/clients/linkis/public';
import { failureTypes } from '../../src/contracts/failure-types';
import type { LogRef } from '../../src/contracts/job';
import { jobArtifacts, logChunksFolder } from '../../src/contracts/names';
import { isDoubtful, isPassing, passingFailure } from '../failure';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { execHolder } from './exec-holder';
import { LogReader } from './log-reader';
import { storePersistedLog, type PersistedLog } from './persisted-log';
import { SeenLines } from './seen-lines';

/** Lines of a log's end asked for in one call. */
const drainLines = 5000;
/** Looks that a log's end is worth, about 2 minutes in all; those that end in a failure of another kind don't count. */
const mostLooks = 8;
const lastLines = 40;

/** What a heartbeat carries. */
interface LogCheckpoint {
  /** Looks at the log's end that came to nothing. */
  readonly logLooks?: number;
}

export interface CollectedLog {
  readonly log?: LogRef;
  /** The last of all lines, those beyond the limit included: what a failure's report shows. */
  readonly last: readonly string[];
  /** What is missing, in sentences for a person. */
  readonly warnings: readonly string[];
}

interface EndedTask {
  readonly task: LinkisTask;
  /** As submit answered it. */
  readonly submittedExecId: string | undefined;
}

type LogResources = Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>;
type TaskCall = { readonly signal: AbortSignal; readonly user: string };

/**
 * The service's own log where it can be had: live lines are lost and repeated, also without any
 * fault. Else what was collected while the task ran, drained to its end. A log that isn't whole
 * never costs a task its results; its reference and the warnings tell.
 */
export async function collectLog(
  client: LinkisClient,
  resources: LogResources,
  session: ActivitySession,
  ended: EndedTask,
  call: TaskCall,
): Promise<CollectedLog> {
  const { artifacts: store, limits } = resources;
  const { maxLogLines } = limits;
  const { task } = ended;
  const { signal } = call;
  const key = `${session.folder}/${jobArtifacts.log}`;
  const chunks = new LogChunks(store, logChunksFolder(session.folder, task.taskId));
  const warnings: string[] = [];

  const said =
    task.logPath && (await persistedLog(client, resources, session, ended, chunks, call));
  if (said && said.lines > 0) {
    const { ref, lines, last, collected } = said;
    if (ref !== undefined) {
      const log: LogRef = { ...ref, source: 'persisted', lines: Math.min(lines, maxLogLines) };
      if (lines <= maxLogLines) return { log, last, warnings };
      return {
        log: { ...log, endMissing: 'overLimit' },
        last,
        warnings: [overLimit(lines, maxLogLines)],
      };
    }
    const what = `the log file of Linkis task ${task.taskId} has ${lines} lines and lacks some of the ${collected} that were collected while it ran`;
    await lookAgain(session, passingFailure(failureTypes.incompleteResult, what));
    warnings.push(`${what}: the collected ones were kept`);
  }

  const isDrained = await drain(client, chunks, resources, session, ended, call);
  const { lines, restarts, skipped } = await chunks.resume(signal);
  const isOverLimit = lines > maxLogLines;
  if (isOverLimit) warnings.push(overLimit(lines, maxLogLines));
  else if (!isDrained) warnings.push(endNotRead(lines));
  if (lines === 0) return { last: [], warnings };
  if (skipped > 0) {
    warnings.push(`the service jumped over ${skipped} lines of the task's log: they are missing`);
  }
  const last: string[] = [];
  for await (const line of chunks.read(lines - lastLines, signal)) last.push(line);
  return {
    log: {
      ...(await chunks.assemble(key, signal, maxLogLines)),
      source: 'collected',
      ...(restarts > 0 && { restarts }),
      ...(skipped > 0 && { skippedLines: skipped }),
      ...(!isDrained && { endMissing: 'notRead' }),
      ...(isOverLimit && { endMissing: 'overLimit' }),
    },
    last,
    warnings,
  };
}

function overLimit(lines: number, maxLogLines: number): string {
  return `the task's log has at least ${lines} lines, and limits.maxLogLines allows ${maxLogLines}: only its first ${maxLogLines} were kept; let the task say less, or raise the limit`;
}

function endNotRead(lines: number): string {
  const what =
    lines === 0
      ? "nothing of the task's log could be had"
      : "the end of the task's log may be missing";
  return `${what}: neither a whole log file of the service could be read, nor what the entrance still had of it`;
}

/**
 * Fails passingly, unless that has been done often enough. Counted in the heartbeat: attempts that
 * failed before they came to the log are no looks at it.
 */
async function lookAgain(session: ActivitySession, error: unknown): Promise<void> {
  const looks = (session.lastDetails<LogCheckpoint>()?.logLooks ?? 0) + 1;
  if (looks >= mostLooks) return;
  await session.remember({ logLooks: looks } satisfies LogCheckpoint);
  throw error;
}

/**
 * The service's log file in the store. It isn't the log where it is empty (it hasn't been written
 * yet then: every task's log has a first line), nor where it has fewer lines than were collected
 * and lacks some of those: one that is read right after the task's end may not have been written to
 * its end. Fewer alone says nothing, since live lines are repeated.
 */
async function persistedLog(
  client: LinkisClient,
  resources: LogResources,
  session: ActivitySession,
  { task: { logPath: path = '' } }: EndedTask,
  chunks: LogChunks,
  call: TaskCall,
): Promise<(PersistedLog & { readonly collected: number }) | undefined> {
  const { signal } = call;
  const { lines: collected } = await chunks.resume(signal);
  const seen = new SeenLines(collected);
  let seenLines = 0;
  const order = {
    path,
    key: `${session.folder}/${jobArtifacts.log}`,
    maxLines: resources.limits.maxLogLines,
    onLines: (lines: readonly string[]) => {
      // As many as were collected are enough for it to be believed.
      if (seenLines >= collected) return;
      const split = logLines(lines);
      seenLines += split.length;
      for (const line of split) seen.add(line);
    },
    isLog: async (lines: number) => {
      if (lines === 0) return false;
      if (seenLines >= collected) return true;
      for await (const line of chunks.read(0, signal)) if (!seen.has(line)) return false;
      return true;
    },
  };
  try {
    return { ...(await storePersistedLog(client, resources, order, call)), collected };
  } catch (error) {
    // A passing fault is retried. Refused or unreadable, the log is no reason to lose the task's
    // results: the collected lines are what is left.
    if (!(error instanceof RemoteServiceError) || isPassing(error)) throw error;
    if (isDoubtful(error)) await lookAgain(session, inDoubt(error, resources.secrets));
    return undefined;
  }
}

/** An answer that was cut short, say: not to be believed at once, and no reason to fail in the end. */
function inDoubt({ message }: Error, secrets: LogResources['secrets']): Error {
  return passingFailure(failureTypes.unexpectedAnswer, secrets.redact(message));
}

/** Reads what the entrance still holds, and answers whether that was the log's end. */
async function drain(
  client: LinkisClient,
  chunks: LogChunks,
  { limits, secrets }: LogResources,
  session: ActivitySession,
  { task, submittedExecId }: EndedTask,
  call: TaskCall,
): Promise<boolean> {
  // An entrance that took the task over has given it a new execID.
  const execId = task.execId ?? submittedExecId;
  if (execId === undefined) return false;
  const isForeign = async () => {
    const { kind } = await execHolder(client, task, execId, call);
    return kind === 'other' || kind === 'unclear';
  };
  try {
    // The task has ended, so its execID may have been handed out again.
    if (await isForeign()) return false;
    // Pages, too, are bounded: a service that never comes to an end isn't read for ever.
    const pages = { lines: drainLines, count: Math.ceil(limits.maxLogLines / drainLines) + 2 };
    const reader = new LogReader(client, chunks, secrets, isForeign);
    const { end, lines } = await reader.readOn(execId, pages, call);
    if (end === 'open' && lines <= limits.maxLogLines) {
      const what = `the log of Linkis task ${task.taskId} has not come to its end`;
      await lookAgain(session, passingFailure(failureTypes.incompleteResult, what));
    }
    return end === 'reached';
  } catch (error) {
    if (!(error instanceof RemoteServiceError)) throw error;
    // Mostly the entrance has let go of the task. One that is away for a moment may hold the log's
    // end; one that has died is never heard of again, and the results mustn't wait for it.
    if (isPassing(error)) await lookAgain(session, error);
    else if (isDoubtful(error)) await lookAgain(session, inDoubt(error, secrets));
    return false;
  }
}
