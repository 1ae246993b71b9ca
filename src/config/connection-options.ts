import type { SecretOption } from './secret-source';

/** The same for every connection; see `HttpTransportOptions`. */
export interface TransportSettings {
  /** DNS, TCP and TLS together. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** From the request's end to the answer's headers. @default 60_000 */
  readonly headersTimeoutMs?: number;
  /** Idle time between two pieces of an answer. @default 60_000 */
  readonly bodyTimeoutMs?: number;
  /** Limit for answers that are read into memory; downloads have none. @default 64 MiB */
  readonly maxBodyBytes?: number;
  /** Connections to the service at a time. @default 32 */
  readonly maxConnections?: number;
}

/** How much one worker asks of a service. */
export interface BudgetSettings {
  /** Calls of all kinds a second, on the average. @default 50 */
  readonly maxRequestsPerSecond?: number;
  /**
   * How many calls the service allows in a day or a month; the looks at waiting jobs are paced by
   * it. @default the free plan's 10,000 a month for SQLFlow's cloud, none for any other service
   */
  readonly quota?: QuotaSettings;
}

/** How many calls a service allows, and the part of them that is this worker's. */
export interface QuotaSettings {
  /** How many calls. */
  readonly calls: number;
  /** A month is 30 days. */
  readonly per: 'day' | 'month';
  /** This worker's part, over 0 and up to 1: what several workers share adds up to 1. @default 1 */
  readonly share?: number;
}

/** A Gudu SQLFlow account; exactly one of `secretKey` and `token` is given. */
export interface SqlFlowConnectionOptions<Secret = SecretOption>
  extends TransportSettings, BudgetSettings {
  /** `sqlflow` */
  readonly type: 'sqlflow';
  /** With its prefix: `https://api.gudusoft.com/gspLive_backend`. */
  readonly url: string;
  /** `google-oauth2|…`, or `gudu|0123456789` on-premise. */
  readonly userId: string;
  /** A secret: what tokens are made from. */
  readonly secretKey?: Secret;
  /** A secret: a token as it is. */
  readonly token?: Secret;
  /** Sum of a submission's files. @default 200 MiB */
  readonly maxUploadBytes?: number;
}

/** An Apache Linkis gateway; exactly one of `password` and `token` is given. */
export interface LinkisConnectionOptions<Secret = SecretOption>
  extends TransportSettings, BudgetSettings {
  /** `linkis` */
  readonly type: 'linkis';
  /** The gateway, without `/api/rest_j/v1`: `http://host:9001`. */
  readonly url: string;
  /** The Linkis user. */
  readonly user: string;
  /** A secret: the user's password. */
  readonly password?: Secret;
  /** A secret: a `Token-Code`. */
  readonly token?: Secret;
  /** Other users that tasks may run as; needs a token. @default none */
  readonly users?: readonly string[];
  /** The creator of tasks that name none. @default 'remotejobs' */
  readonly creator?: string;
  /** Longest wait for the answer to a submit: the server itself retries before it answers. @default 600_000 */
  readonly submitTimeoutMs?: number;
  /**
   * A task that no entrance holds any more counts as lost once its row has not changed for so long.
   * @default 600_000
   */
  readonly lostAfterMs?: number;
  /** Longest wait for the first byte of a CSV or Excel file. @default 600_000 */
  readonly downloadTimeoutMs?: number;
  /** Tasks that get live figures and live logs at a time; the others get the log at the end. @default 20 */
  readonly liveBudget?: number;
}

/** One connection, told apart by its `type`. */
export type ConnectionOptions = SqlFlowConnectionOptions | LinkisConnectionOptions;

/** What holds where a command or an input says nothing. */
export interface ConfigDefaults {
  /** The SQLFlow connection, where there are several. */
  readonly sqlflow?: string;
  /** The Linkis connection, where there are several. */
  readonly linkis?: string;
  /** The task queue of workers and callers. @default 'remote-jobs' */
  readonly taskQueue?: string;
}
