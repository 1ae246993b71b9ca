import { isTerminal, type TaskStatus } from '../history/task-row';
import type { JobLog } from './log-lines';
import type { TaskRequest } from './submit-request';

export interface JobIdentity {
  readonly taskID: number;
  readonly execID: string;
  /** `<creator>_<user>_<engine>_<index>` */
  readonly shortId: string;
  /** `<creator>_<user>_<engine>` */
  readonly group: string;
  readonly user: string;
  readonly request: TaskRequest;
  readonly log: JobLog;
  /** As the service shows it, like `resultLocation`. */
  readonly logPath: string;
  readonly resultLocation: string;
}

/** A task that the entrance holds in memory. */
export class Job {
  status: TaskStatus = 'Inited';
  /** Statements that are done, and all there are. */
  done = 0;
  total = 1;
  /** Share of the running statement that is done, from 0 to 1. */
  current = 0;
  readonly submittedAtMs = Date.now();
  startedAtMs?: number;
  /** When somebody last asked for the status. */
  heardOfAtMs = Date.now();
  /** Whether the entrance loses it, by a scripted fault, once it runs. */
  isLost = false;
  /** Aborted by a kill and when the service closes. */
  readonly stop = new AbortController();

  readonly taskID: number;
  readonly execID: string;
  readonly shortId: string;
  readonly group: string;
  readonly user: string;
  readonly request: TaskRequest;
  readonly log: JobLog;
  readonly logPath: string;
  readonly resultLocation: string;

  constructor(identity: JobIdentity) {
    this.taskID = identity.taskID;
    this.execID = identity.execID;
    this.shortId = identity.shortId;
    this.group = identity.group;
    this.user = identity.user;
    this.request = identity.request;
    this.log = identity.log;
    this.logPath = identity.logPath;
    this.resultLocation = identity.resultLocation;
  }

  get isOver(): boolean {
    return isTerminal(this.status);
  }

  /** 0 to 1; a running task is capped at 0.99. */
  get progress(): number {
    if (this.status === 'Succeed') return 1;
    const share = (this.done + this.current) / this.total;
    return Math.floor(Math.min(share, 0.99) * 100) / 100;
  }

  /** A label in seconds, as milliseconds; undefined where it is absent. */
  timeoutOf(label: 'jobRunningTimeout' | 'jobQueuingTimeout'): number | undefined {
    const seconds = Number(this.request.labels[label]);
    return seconds > 0 ? seconds * 1000 : undefined;
  }
}
