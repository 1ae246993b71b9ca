import { mkdirSync } from 'node:fs';
import type { Delays } from '../../delays';
import type { LinkisBehaviour } from '../behaviour';
import type { SqlEngine } from '../engine/sql-engine';
import { LinkisError } from '../envelope';
import type { JobHistory } from '../history/job-history';
import type { TaskStatus } from '../history/task-row';
import type { VirtualFiles } from '../storage/virtual-files';
import { newRow, placesOf, refusalOf } from './admission';
import { Consumers } from './consumers';
import { execIdOf } from './exec-id';
import { Job } from './job';
import { JobRunner } from './job-runner';
import { JobLog } from './log-lines';
import type { TaskRequest } from './submit-request';
import { metricsOf } from './task-json';
import { Watchdogs } from './watchdogs';

export interface EntranceOptions {
  readonly engine: SqlEngine;
  readonly history: JobHistory;
  readonly files: VirtualFiles;
  readonly behaviour: LinkisBehaviour;
  readonly maxConcurrentTasks: number;
  /** Of the time that code asks for. */
  readonly delays: Delays;
}

/** The code of a task that its engine could not run. */
const engineFailure = 21304;

/** Holds tasks in memory, lets so many run at once, and writes what becomes of them to jobhistory. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #consumers: Consumers;
  readonly #watchdogs = new Watchdogs((job, reason) => this.kill(job, reason));
  readonly #waiting = new Set<Job>();
  readonly #running = new Map<Job, Promise<void>>();
  /** The taskIDs of both. */
  readonly #busy = new Set<number>();
  #closed = false;

  constructor(options: EntranceOptions) {
    const { finishedRing, consumerIdleMs } = options.behaviour;
    this.#options = options;
    this.#consumers = new Consumers(finishedRing, consumerIdleMs, (execID) =>
      this.#jobs.delete(execID),
    );
  }

  /** @throws LinkisError; the row exists then already, as Failed */
  submit(request: TaskRequest, user: string, requestIp: string): Job {
    const { history, behaviour, files } = this.#options;
    const { entranceInstance } = behaviour;
    const row = history.insert(newRow(request, user, entranceInstance, requestIp));
    const refused = refusalOf(request, user) ?? this.#fullQueue();
    if (refused !== undefined) {
      const { errCode, desc: errDesc } = refused;
      history.update(row.taskID, { status: 'Failed', errCode, errDesc });
      throw refused;
    }
    const group = `${request.creator}_${user}_${request.engine}`;
    const shortId = `${group}_${this.#consumers.takeIndex(group)}`;
    const { log, results } = placesOf(row);
    const job = new Job({
      taskID: row.taskID,
      execID: execIdOf(entranceInstance, shortId),
      shortId,
      group,
      user,
      request,
      log: new JobLog(files.onDisk(log)),
      logPath: files.shown(log),
      resultLocation: files.shown(results),
    });
    this.#jobs.set(job.execID, job);
    this.#waiting.add(job);
    this.#busy.add(job.taskID);
    job.log.append(
      'INFO',
      `Your job is accepted,  jobID is ${job.execID} and taskID is ${job.taskID} in ServiceInstance(linkis-cg-entrance, ${entranceInstance}). Please wait it to be scheduled`,
    );
    this.#watch(job, 'jobQueuingTimeout', 'it waited too long', () => this.#waiting.has(job));
    this.#watchdogs.watchClient(job, behaviour.clientHeartbeatMs);
    setImmediate(() => this.#startWaiting());
    return job;
  }

  /** Whether its engine is at work on the task, or will be; also where the execID is forgotten. */
  isBusyWith(taskID: number): boolean {
    return this.#busy.has(taskID);
  }

  /** Drops an execID from memory, as for a full ring. What was running goes on. */
  forget(execID: string): void {
    this.#jobs.delete(execID);
  }

  /** Loses a task as soon as it runs: nobody holds it any more, and its row stays Running for ever. */
  lose(job: Job): void {
    job.isLost = true;
    if (job.status === 'Running') this.#drop(job);
  }

  /** Running, waiting or remembered. */
  find(execID: string): Job | undefined {
    return this.#jobs.get(execID);
  }

  /**
   * Jobhistory says Cancelled at once; the engine stops later.
   * @throws LinkisError when it has ended otherwise
   */
  kill(job: Job, reason: string): void {
    if (job.status === 'Cancelled') return;
    if (job.isOver) {
      throw new LinkisError(120001, `The task ${job.taskID} has ended already: ${job.status}`);
    }
    job.log.append('WARN', `Your job ${job.execID} is being killed: ${reason}`);
    this.#options.history.update(job.taskID, { status: 'Cancelled' });
    job.stop.abort(new Error(reason));
    if (!this.#waiting.delete(job)) return;
    this.#busy.delete(job.taskID);
    this.#finish(job, 'Cancelled');
  }

  /** Waiting tasks are Cancelled; the rows of running ones stay Running for ever, as on a SIGTERM. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watchdogs.close();
    const reason = 'the entrance is shutting down';
    for (const job of [...this.#waiting]) this.kill(job, reason);
    for (const job of this.#running.keys()) job.stop.abort(new Error(reason));
    await Promise.allSettled(this.#running.values());
  }

  #fullQueue(): LinkisError | undefined {
    if (this.#waiting.size < this.#options.behaviour.queueCapacity) return undefined;
    return new LinkisError(12001, 'The submit queue is full, please try again later');
  }

  #watch(
    job: Job,
    label: 'jobRunningTimeout' | 'jobQueuingTimeout',
    reason: string,
    stillDue: () => boolean,
  ): void {
    const timeoutMs = job.timeoutOf(label);
    if (timeoutMs !== undefined) this.#watchdogs.killAfter(timeoutMs, job, reason, stillDue);
  }

  #startWaiting(): void {
    for (const job of this.#waiting) {
      if (this.#closed || this.#running.size >= this.#options.maxConcurrentTasks) return;
      this.#waiting.delete(job);
      const running = this.#run(job).finally(() => {
        this.#running.delete(job);
        this.#busy.delete(job.taskID);
        this.#startWaiting();
      });
      this.#running.set(job, running);
    }
  }

  async #run(job: Job): Promise<void> {
    const { history, files, engine, delays } = this.#options;
    job.status = 'Scheduled';
    job.log.append('INFO', 'job is scheduled.');
    history.update(job.taskID, { status: 'Scheduled', execId: job.shortId });
    await new Promise(setImmediate);
    try {
      job.stop.signal.throwIfAborted();
      this.#start(job);
      if (job.isLost) this.#drop(job);
      job.stop.signal.throwIfAborted();
      const advanced = () => history.reportProgress(job.taskID, progressText(job.progress));
      await delays.during((pass) => new JobRunner(job, engine, files, advanced, pass).run());
      job.stop.signal.throwIfAborted();
      job.log.append('INFO', 'Congratulations. Your job completed with status Success.');
      this.#finish(job, 'Succeed');
      history.update(job.taskID, { status: 'Succeed', progress: '1.0', metrics: metricsOf(job) });
    } catch (error) {
      if (job.stop.signal.aborted) this.#finish(job, 'Cancelled');
      else this.#fail(job, error as Error);
    }
  }

  #start(job: Job): void {
    const { history, files, behaviour } = this.#options;
    job.startedAtMs = Date.now();
    job.status = 'Running';
    mkdirSync(files.onDisk(job.resultLocation), { recursive: true });
    job.log.append('INFO', 'Your job is Running now. Please wait it to complete.');
    history.update(job.taskID, {
      status: 'Running',
      engineInstance: behaviour.entranceInstance.replace(/\d+$/, '35000'),
      engineStartTime: job.startedAtMs,
      logPath: job.logPath,
      resultLocation: job.resultLocation,
      metrics: metricsOf(job),
    });
    this.#watch(job, 'jobRunningTimeout', 'it ran too long', () => !job.isOver);
  }

  #drop(job: Job): void {
    this.forget(job.execID);
    job.stop.abort(new Error('the entrance has lost it'));
  }

  #fail(job: Job, { message }: Error): void {
    job.log.append('ERROR', `Task is Failed,errorMsg: ${message}`);
    job.log.append('INFO', 'Sorry, your job executed failed with status Failed.');
    this.#finish(job, 'Failed');
    this.#options.history.update(job.taskID, {
      status: 'Failed',
      errCode: engineFailure,
      errDesc: message,
      metrics: metricsOf(job),
    });
  }

  #finish(job: Job, status: TaskStatus): void {
    job.status = status;
    job.log.flush();
    this.#consumers.finish(job.group, job.execID);
  }
}

/** `0.5`, `1.0` */
function progressText(progress: number): string {
  return Number.isInteger(progress) ? progress.toFixed(1) : String(progress);
}
