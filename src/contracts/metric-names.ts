/** Every metric of this package, by its name in Prometheus. None has a job's or a workflow's id. */
export const metricNames = {
  /** By vendor, connection and decision. */
  submits: 'remote_jobs_submits',
  /** By vendor, connection and outcome: the proof. */
  kills: 'remote_jobs_kills',
  /** By vendor, connection and outcome: extra jobs of one submission, and what became of them. */
  twins: 'remote_jobs_twins',
  /** Jobs that this worker waits for now, by vendor and connection. */
  waiting: 'remote_jobs_waiting',
  /** By vendor, connection, class (`foreground` or `background`: looks at waiting jobs) and outcome. */
  requests: 'remote_jobs_requests',
  /** From a call's first byte to its answer's headers, by vendor, connection, endpoint and outcome. */
  requestSeconds: 'remote_jobs_request_seconds',
  /** Calls that the connection's quota has left for now, by vendor and connection. */
  quotaLeft: 'remote_jobs_quota_left',
  /** Until when no look begins, in seconds since 1970, by vendor and connection: quota or Retry-After. */
  quietUntil: 'remote_jobs_quiet_until_seconds',
  /** What one look at waiting jobs took, by vendor, connection and outcome. */
  sweepSeconds: 'remote_jobs_sweep_seconds',
  /** Since the look before at the job of a look that had waited longest, by vendor and connection. */
  sweepLagSeconds: 'remote_jobs_sweep_lag_seconds',
  /** Log lines that were kept, by vendor and connection. */
  logLines: 'remote_jobs_log_lines',
  /** Result sets and lineage files that were kept, by vendor, connection and format. */
  results: 'remote_jobs_results',
  /** Their rows, likewise. */
  resultRows: 'remote_jobs_result_rows',
  /** Bytes of logs and results that were kept, by vendor, connection and kind (`log` or `result`). */
  storedBytes: 'remote_jobs_stored_bytes',
  /** Jobs whose workflow ended, by vendor and end: `succeeded`, `failed` or `cancelled`. */
  ends: 'remote_jobs_ends',
  /** Refreshes of chains, by end: `refreshed`, `unchanged`, `failed` or `cancelled`. */
  refreshes: 'remote_jobs_refreshes',
  /** Steps of pipelines, by kind of step and end. */
  pipelineSteps: 'remote_jobs_pipeline_steps',
  /** Attempts at notifying one target, by event and outcome: `sent` or `failed`. */
  notifications: 'remote_jobs_notifications',
} as const;

/** Upper bounds of the histograms' buckets, in seconds. */
export const metricBuckets: Readonly<Record<string, readonly number[]>> = {
  [metricNames.requestSeconds]: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 600],
  [metricNames.sweepSeconds]: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60],
  [metricNames.sweepLagSeconds]: [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 900],
};
