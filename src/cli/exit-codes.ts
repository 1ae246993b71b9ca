/** What the process answers; scripts rely on these. */
export const exitCodes = {
  done: 0,
  /** The remote job failed. */
  jobFailed: 1,
  /** Wrong usage or invalid input: nothing was started. */
  usage: 2,
  cancelled: 3,
  /** Temporal, the worker or the service can't be reached. */
  unreachable: 4,
  /** It isn't known how it ended, or a kill is not confirmed: the remote job may still run. */
  unknown: 5,
  deadline: 124,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
