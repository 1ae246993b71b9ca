import { isTerminal, type TaskStatus } from '../history/task-row';
import type { JobLog } from './log-lines';
import type { TaskRequest } from './submit-request';

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
  /** Aborted by a kill and when the service closes. */
  readonly stop = new AbortController();
  /** Why it was killed; undefined while nobody did. */
  killed?: string;

  constructor(
    readonly taskID: number,
    readonly execID: string,
    /** `<creator>_<user>_<engine>_<index>` */
    readonly shortId: string,
    readonly user: string,
    readonly request: TaskRequest,
    readonly log: JobLog,
    /** Paths as the service shows them. */
    readonly logPath: string,
    readonly resultLocation: string,
  ) {}

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
