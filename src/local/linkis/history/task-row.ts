export type TaskStatus =
  | 'Inited'
  | 'WaitForRetry'
  | 'Scheduled'
  | 'Running'
  | 'Succeed'
  | 'Failed'
  | 'Cancelled'
  | 'Timeout';

const terminal: ReadonlySet<TaskStatus> = new Set(['Succeed', 'Failed', 'Cancelled', 'Timeout']);

export function isTerminal(status: TaskStatus): boolean {
  return terminal.has(status);
}

/** One row of jobhistory, by the names that the service gives its fields; times in epoch milliseconds. */
export interface TaskRow {
  readonly taskID: number;
  /** `host:port` of the entrance. */
  readonly instance: string;
  /** Null while it waits. */
  execId: string | null;
  readonly umUser: string;
  readonly executeUser: string;
  engineInstance: string | null;
  readonly executionCode: string;
  /** Text: `0.0` to `1.0`. */
  progress: string;
  logPath: string | null;
  resultLocation: string | null;
  status: TaskStatus;
  readonly createdTime: number;
  updatedTime: number;
  readonly engineType: string;
  errCode: number | null;
  errDesc: string | null;
  readonly executeApplicationName: string;
  readonly requestApplicationName: string;
  readonly runType: string;
  readonly paramsJson: string;
  /** Null until it ends, and again after a forced kill. */
  costTime: number | null;
  sourceJson: string | null;
  readonly sourceTailor: string;
  engineStartTime: number | null;
  readonly labels: readonly string[];
  metrics: string | null;
  /** What submit sent as `source`, for tests: shown to no caller, and kept when sourceJson is lost. */
  readonly submittedSource: Readonly<Record<string, string>>;
}

/** A row before the database has numbered and dated it. */
export type NewTaskRow = Omit<TaskRow, 'taskID' | 'createdTime' | 'updatedTime'>;

/** The fields that change. */
export type TaskChange = Partial<
  Pick<
    TaskRow,
    | 'execId'
    | 'engineInstance'
    | 'progress'
    | 'logPath'
    | 'resultLocation'
    | 'status'
    | 'errCode'
    | 'errDesc'
    | 'costTime'
    | 'sourceJson'
    | 'engineStartTime'
    | 'metrics'
  >
>;
