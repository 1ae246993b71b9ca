import { Delays, type Pass } from '../delays';
import type { SqlFlowBehaviour } from './behaviour';
import { timeText } from './envelope';
import { isEnded, newSessionId, type Job, type JobStatus } from './job';
import { noLineage, type JobStore, type StoredLineage } from './job-store';
import { analyze } from './analysis/analyze';
import { loadPolyglot } from './analysis/polyglot';
import { exportBytesAskedFor } from './exports/padding';
import { onlyComments, openSqlFiles } from './uploads';

interface Waiting {
  readonly job: Job;
  readonly start: () => void;
}

/** What a job came to. */
interface Outcome {
  readonly status: JobStatus;
  readonly errorMessage?: string;
  readonly lineage?: StoredLineage;
}

const delayComment = /--\s*local:.*?\bdelay\s+(\d+(?:\.\d+)?)\s*(ms|s|m)\b/i;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function delayAskedFor(text: string): number {
  const [, count, unit] = delayComment.exec(text) ?? [];
  return Number(count ?? 0) * (unitMs[unit?.toLowerCase() ?? ''] ?? 0);
}

/**
 * Takes jobs from `create` through `process` to their end.
 *
 * Every job lasts `jobDelayMs` at least, so that a poller sees it run. Lineage is found for one job
 * after the other, those on top first.
 */
export class Runner {
  readonly #running = new Map<Job, AbortController>();
  readonly #runs = new Set<Promise<void>>();
  readonly #waiting: Waiting[] = [];
  readonly #delays = new Delays();
  #isClosed = false;
  #busy = false;

  constructor(
    private readonly store: JobStore,
    private readonly jobDelayMs: number,
    private readonly behaviour: SqlFlowBehaviour,
  ) {}

  /** Runs a job that was submitted; one that is running already runs again afterwards. */
  start(job: Job): void {
    if (this.#running.has(job) || this.#isClosed) return;
    const stop = new AbortController();
    this.#running.set(job, stop);
    const run = this.#delays
      .during((pass) => this.#run(job, stop.signal, pass))
      .catch(() => undefined) // stopped, or the folder is gone
      .finally(() => {
        this.#running.delete(job);
        this.#runs.delete(run);
        if (this.store.has(job) && !isEnded(job.status)) this.start(job);
      });
    this.#runs.add(run);
  }

  isBusyWith(job: Job): boolean {
    return this.#running.has(job);
  }

  /** The jobs under way take no more time than their files need. */
  endDelays(): void {
    this.#delays.end();
  }

  stop(job: Job): void {
    this.#running.get(job)?.abort();
  }

  /** Stops all jobs; on disk they stay as they are, to be run again by the next one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#running.values()) stop.abort();
    await Promise.all(this.#runs);
  }

  async #run(job: Job, signal: AbortSignal, pass: Pass): Promise<void> {
    for (;;) {
      const { revision } = job;
      await pass(this.#remaining(job, this.jobDelayMs / 3), signal);
      job.status = 'process';
      this.store.save(job);
      const startedAtMs = Date.now();
      const { outcome, delayMs } = await this.#find(job, signal);
      const restMs = Math.max(
        this.#remaining(job, this.jobDelayMs),
        startedAtMs + delayMs - Date.now(),
      );
      await pass(restMs, signal);
      signal.throwIfAborted();
      if (outcome.lineage) await this.store.saveLineage(job, outcome.lineage);
      if (await this.#end(job, revision, outcome, startedAtMs)) return;
    }
  }

  /** Ends the run; false when a submit came in meanwhile and another run is due. */
  async #end(job: Job, revision: number, outcome: Outcome, startedAtMs: number): Promise<boolean> {
    const now = Date.now();
    const keepsSession = this.behaviour.resubmitSession === 'same' && job.sessionId;
    const sessionId = keepsSession || newSessionId();
    const run = job.subJobs.find((subJob) => subJob.revision === revision);
    if (run) Object.assign(run, { status: outcome.status, sessionId });
    if (job.revision !== revision) return false;
    Object.assign(job, {
      status: outcome.status,
      errorMessage: outcome.errorMessage,
      sessionId,
      endedAtMs: now,
      executeTimeMillis: now - startedAtMs,
      lastExecuteTime: timeText(now),
    });
    this.store.save(job);
    await this.store.dropReplaced(job);
    return true;
  }

  #remaining(job: Job, totalMs: number): number {
    return Math.max(0, job.submittedAtMs + totalMs - Date.now());
  }

  async #find(job: Job, signal: AbortSignal): Promise<{ outcome: Outcome; delayMs: number }> {
    if (typeof job.dataSource.hostname === 'string') {
      const errorMessage = `The local SQLFlow reads no databases, so it can't reach ${job.dataSource.hostname}; submit SQL files instead.`;
      return { outcome: { status: 'fail', errorMessage }, delayMs: 0 };
    }
    const empty = onlyComments(job.uploads, this.store.folder(job));
    if (empty !== undefined) {
      const fileNames = job.uploads.map(({ name }) => name);
      const lineage = { ...noLineage, fileNames, paddedToBytes: exportBytesAskedFor(empty) };
      return { outcome: { status: 'success', lineage }, delayMs: delayAskedFor(empty) };
    }
    await this.#turn(job, signal);
    try {
      return await this.#analyze(job, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { outcome: { status: 'fail', errorMessage: (error as Error).message }, delayMs: 0 };
    } finally {
      this.#nextTurn();
    }
  }

  async #analyze(job: Job, signal: AbortSignal): Promise<{ outcome: Outcome; delayMs: number }> {
    let [delayMs, paddedToBytes] = [0, 0];
    const folder = this.store.folder(job);
    const opened = await openSqlFiles(job.uploads, folder, this.behaviour.zipEntries);
    try {
      const files = opened.files.map((file) => ({
        name: file.name,
        read: async () => {
          const text = await file.read();
          delayMs = Math.max(delayMs, delayAskedFor(text));
          paddedToBytes = Math.max(paddedToBytes, exportBytesAskedFor(text));
          return text;
        },
      }));
      const { dbVendor, defaultDatabase: database, defaultSchema: schema } = job;
      const polyglot = await loadPolyglot();
      const found = await analyze({ dbVendor, database, schema, files, signal }, polyglot);
      const lineage = { ...found, fileNames: files.map(({ name }) => name), paddedToBytes };
      return { outcome: outcomeOf(lineage), delayMs };
    } finally {
      opened.close();
    }
  }

  /** One job's lineage at a time: they share one thread. */
  #turn(job: Job, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        if (!signal.aborted) resolve();
        else {
          reject(signal.reason as Error);
          this.#nextTurn();
        }
      };
      this.#waiting.push({ job, start });
      if (!this.#busy) this.#nextTurn();
    });
  }

  #nextTurn(): void {
    const onTop = this.#waiting.findIndex(({ job }) => job.onTop);
    const [next] = this.#waiting.splice(Math.max(0, onTop), 1);
    this.#busy = next !== undefined;
    next?.start();
  }
}

function outcomeOf(lineage: StoredLineage): Outcome {
  const failures = lineage.errors.filter(({ errorType }) => errorType === 'SyntaxHint');
  if (failures.length === 0) return { status: 'success', lineage };
  if (lineage.statements > 0) return { status: 'partial_success', lineage };
  const said = failures.slice(0, 5).map(({ errorMessage, place }) => {
    const file = lineage.fileNames[place.file] ?? '';
    return `${file} (${place.line},${place.column}): ${errorMessage}`;
  });
  return { status: 'fail', errorMessage: `No file could be parsed. ${said.join('; ')}` };
}
