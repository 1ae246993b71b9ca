import { mkdirSync } from 'node:fs';
import type { LinkisBehaviour } from '../behaviour';
import type { SqlEngine } from '../engine/sql-engine';
import { withoutComments } from '../engine/sql-text';
import { LinkisError } from '../envelope';
import type { JobHistory } from '../history/job-history';
import { isTerminal, type TaskRow, type TaskStatus } from '../history/task-row';
import type { VirtualFiles } from '../storage/virtual-files';
import { execIdOf } from './exec-id';
import { Job } from './job';
import { JobRunner } from './job-runner';
import { JobLog } from './log-lines';
import type { TaskRequest } from './submit-request';
import { sourceJsonOf, metricsOf } from './task-json';

export interface EntranceOptions {
  readonly engine: SqlEngine;
  readonly history: JobHistory;
  readonly files: VirtualFiles;
  readonly behaviour: LinkisBehaviour;
  readonly maxConcurrentTasks: number;
}

/** All tasks of one creator, user and engine. */
interface Consumer {
  nextIndex: number;
  unfinished: number;
  usedAtMs: number;
  /** ExecIDs of the finished tasks that are still remembered, oldest first. */
  readonly ring: string[];
}

/** Holds tasks in memory, lets so many run at once, and writes what becomes of them to jobhistory. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #consumers = new Map<string, Consumer>();
  readonly #waiting = new Set<Job>();
  readonly #running = new Map<Job, Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** @throws LinkisError; the row exists then already, as Failed */
  submit(request: TaskRequest, user: string, requestIp: string): Job {
    const { history, behaviour, files } = this.#options;
    const row = history.insert(this.#newRow(request, user, requestIp));
    const refused = refusalOf(request, user) ?? this.#fullQueue();
    if (refused !== undefined) {
      history.update(row.taskID, {
        status: 'Failed',
        errCode: refused.errCode,
        errDesc: refused.desc,
      });
      throw refused;
    }
    const group = `${request.creator}_${user}_${request.engine}`;
    const consumer = this.#consumerOf(group);
    const shortId = `${group}_${consumer.nextIndex}`;
    consumer.nextIndex += 1;
    consumer.unfinished += 1;
    const places = placesOf(row, user, request.creator);
    const job = new Job(
      row.taskID,
      execIdOf(behaviour.entranceInstance, shortId),
      shortId,
      user,
      request,
      new JobLog(files.onDisk(places.log)),
      files.shown(places.log),
      files.shown(places.results),
    );
    this.#jobs.set(job.execID, job);
    this.#waiting.add(job);
    job.log.append(
      'INFO',
      `Your job is accepted,  jobID is ${job.execID} and taskID is ${job.taskID} in ServiceInstance(linkis-cg-entrance, ${behaviour.entranceInstance}). Please wait it to be scheduled`,
    );
    this.#killAfter(job, job.timeoutOf('jobQueuingTimeout'), 'it waited too long', () =>
      this.#waiting.has(job),
    );
    this.#watchHeartbeat(job);
    setImmediate(() => this.#startWaiting());
    return job;
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
    job.killed ??= reason;
    job.log.append('WARN', `Your job ${job.execID} is being killed: ${reason}`);
    this.#options.history.update(job.taskID, { status: 'Cancelled' });
    job.stop.abort(new Error(reason));
    if (this.#waiting.delete(job)) this.#finish(job, 'Cancelled');
  }

  /** Waiting tasks are Cancelled; the rows of running ones stay Running for ever, as on a SIGTERM. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const job of [...this.#waiting]) this.kill(job, 'the entrance is shutting down');
    for (const job of this.#running.keys())
      job.stop.abort(new Error('the entrance is shutting down'));
    await Promise.allSettled(this.#running.values());
  }

  #newRow(request: TaskRequest, user: string, requestIp: string) {
    const { behaviour } = this.#options;
    return {
      instance: behaviour.entranceInstance,
      execId: null,
      umUser: user,
      executeUser: user,
      engineInstance: null,
      executionCode: request.code,
      progress: '0.0',
      logPath: null,
      resultLocation: null,
      status: 'Inited' as const,
      engineType: request.engine,
      errCode: null,
      errDesc: null,
      executeApplicationName: request.engine,
      requestApplicationName: request.creator,
      runType: request.runType,
      paramsJson: JSON.stringify(request.params),
      costTime: null,
      sourceJson: sourceJsonOf(request.source, requestIp),
      sourceTailor: request.source.scriptPath ?? '',
      engineStartTime: null,
      labels: Object.entries(request.labels).map(([name, value]) => `${name}:${String(value)}`),
      metrics: null,
    };
  }

  #fullQueue(): LinkisError | undefined {
    if (this.#waiting.size < this.#options.behaviour.queueCapacity) return undefined;
    return new LinkisError(12001, 'The submit queue is full, please try again later');
  }

  #consumerOf(group: string): Consumer {
    const known = this.#consumers.get(group);
    const now = Date.now();
    const isIdle =
      known?.unfinished === 0 && now - known.usedAtMs > this.#options.behaviour.consumerIdleMs;
    if (known !== undefined && !isIdle) {
      known.usedAtMs = now;
      return known;
    }
    for (const execID of known?.ring ?? []) this.#jobs.delete(execID);
    const consumer = { nextIndex: 0, unfinished: 0, usedAtMs: now, ring: [] };
    this.#consumers.set(group, consumer);
    return consumer;
  }

  #startWaiting(): void {
    for (const job of this.#waiting) {
      if (this.#closed || this.#running.size >= this.#options.maxConcurrentTasks) return;
      this.#waiting.delete(job);
      this.#running.set(
        job,
        this.#run(job).finally(() => {
          this.#running.delete(job);
          this.#startWaiting();
        }),
      );
    }
  }

  async #run(job: Job): Promise<void> {
    const { history, files, engine, behaviour } = this.#options;
    job.status = 'Scheduled';
    job.log.append('INFO', 'job is scheduled.');
    history.update(job.taskID, { status: 'Scheduled', execId: job.shortId });
    await new Promise(setImmediate);
    job.startedAtMs = Date.now();
    if (!job.stop.signal.aborted) {
      job.status = 'Running';
      mkdirSync(files.onDisk(job.resultLocation), { recursive: true });
      job.log.append('INFO', 'Your job is Running now. Please wait it to complete.');
    }
    history.update(job.taskID, {
      status: 'Running',
      engineInstance: behaviour.entranceInstance.replace(/\d+$/, '35000'),
      engineStartTime: job.startedAtMs,
      logPath: job.logPath,
      resultLocation: job.resultLocation,
      metrics: metricsOf(job),
    });
    this.#killAfter(job, job.timeoutOf('jobRunningTimeout'), 'it ran too long', () => !job.isOver);
    const runner = new JobRunner(job, engine, files, () =>
      history.update(job.taskID, { progress: progressText(job.progress) }),
    );
    try {
      job.stop.signal.throwIfAborted();
      await runner.run();
      job.stop.signal.throwIfAborted();
      this.#succeed(job);
    } catch (error) {
      if (job.stop.signal.aborted) this.#finish(job, 'Cancelled');
      else this.#fail(job, error as Error);
    }
  }

  #succeed(job: Job): void {
    job.status = 'Succeed';
    job.log.append('INFO', 'Congratulations. Your job completed with status Success.');
    this.#options.history.update(job.taskID, {
      status: 'Succeed',
      progress: '1.0',
      metrics: metricsOf(job),
    });
    this.#finish(job, 'Succeed');
  }

  #fail(job: Job, error: Error): void {
    job.status = 'Failed';
    job.log.append('ERROR', `Task is Failed,errorMsg: ${error.message}`);
    job.log.append('INFO', 'Sorry, your job executed failed with status Failed.');
    this.#options.history.update(job.taskID, {
      status: 'Failed',
      errCode: 21304,
      errDesc: error.message,
      metrics: metricsOf(job),
    });
    this.#finish(job, 'Failed');
  }

  /** When the service closes, a running task leaves its row as it is. */
  #finish(job: Job, status: TaskStatus): void {
    job.status = status;
    job.log.flush();
    const consumer = this.#consumers.get(
      `${job.request.creator}_${job.user}_${job.request.engine}`,
    );
    if (consumer === undefined) return;
    consumer.unfinished -= 1;
    consumer.usedAtMs = Date.now();
    consumer.ring.push(job.execID);
    if (consumer.ring.length > this.#options.behaviour.finishedRing) {
      this.#jobs.delete(consumer.ring.shift() ?? '');
    }
  }

  #killAfter(
    job: Job,
    timeoutMs: number | undefined,
    reason: string,
    stillDue: () => boolean,
  ): void {
    if (timeoutMs === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (stillDue() && !isTerminal(job.status)) this.kill(job, reason);
    }, timeoutMs);
    timer.unref();
    this.#timers.add(timer);
  }

  /** The command-line clients have to ask for the status, or their task is killed. */
  #watchHeartbeat(job: Job): void {
    const { clientHeartbeatMs } = this.#options.behaviour;
    if (!['LINKISCLI', 'BdpClient'].includes(job.request.creator)) return;
    const timer = setInterval(
      () => {
        const isSilent = Date.now() - job.heardOfAtMs > clientHeartbeatMs;
        if (!job.isOver && !isSilent) return;
        clearInterval(timer);
        this.#timers.delete(timer);
        if (!job.isOver) this.kill(job, 'its client is gone');
      },
      Math.max(50, clientHeartbeatMs / 10),
    );
    timer.unref();
    this.#timers.add(timer);
  }
}

/** What the interceptors of the entrance refuse once the row is there. */
function refusalOf(request: TaskRequest, user: string): LinkisError | undefined {
  if (withoutComments(request.code) === '') {
    return new LinkisError(20007, 'The execution code is empty');
  }
  if (request.labelUser !== user) {
    return new LinkisError(
      50080,
      `The user ${request.labelUser} of the label userCreator isn't the submitting user ${user}`,
    );
  }
  return undefined;
}

/** Where a task's log and results lie. */
function placesOf(row: TaskRow, user: string, creator: string) {
  const [day = '', time = ''] = new Date(row.createdTime).toISOString().split('T');
  const folder = `${day}/${time.slice(0, 8).replaceAll(':', '')}/${creator}`;
  return {
    log: `/tmp/linkis/log/${day}/${creator}/${user}/${row.taskID}.log`,
    results: `/tmp/${user}/linkis/${folder}/${row.taskID}`,
  };
}

/** `0.5`, `1.0` */
export function progressText(progress: number): string {
  return Number.isInteger(progress) ? progress.toFixed(1) : String(progress);
}
