import type { SqlFlowJobList } from '../../clients/sqlflow/wire-list';
import type { OrphansReport } from '../../contracts/orphans';
import type { PruneReport } from '../../contracts/prune';
import type { Finding } from '../doctor/finding';
import type { ExitCode } from '../exit-codes';

/** All jobs of the account, as the service tells them. */
export interface SqlFlowJobsDocument extends SqlFlowJobList {
  readonly connection: string;
}

/** What orphans were found, and what became of each. */
export interface OrphansDocument extends OrphansReport {
  readonly workflowId: string;
  /** True with `--kill`. */
  readonly killed: boolean;
  readonly exitCode: ExitCode;
}

/** What ended jobs were deleted, or would be. */
export interface PrunedDocument extends PruneReport {
  readonly workflowId: string;
  readonly dryRun: boolean;
  readonly exitCode: ExitCode;
}

export interface DoctorDocument {
  /** True where the exit code is 0. */
  readonly ok: boolean;
  readonly exitCode: ExitCode;
  readonly findings: readonly Finding[];
}

/** The configuration is right; secrets are never printed. */
export interface ConfigDocument {
  readonly ok: true;
  /** Absent where the environment and defaults are all there is. */
  readonly file?: string;
  readonly installation?: string;
  readonly taskQueue: string;
  /** The folder or bucket. */
  readonly artifacts: string;
  /** Of a bucket: `there`, or why it can't be read. */
  readonly artifactsCredential?: string;
  readonly inputRoots: readonly string[];
  /** Names. */
  readonly secrets: readonly string[];
  /** Names. */
  readonly schedules: readonly string[];
  readonly connections: readonly {
    readonly name: string;
    readonly type: string;
    readonly url: string;
    /** `there`, `missing`, or why it can't be read. */
    readonly secret: string;
    readonly maxRequestsPerSecond?: number;
    readonly quota?: object;
  }[];
  readonly openlineage: readonly {
    readonly name: string;
    /** A folder or an address. */
    readonly to: string;
    readonly secret: string;
  }[];
  /** Webhooks that are told what happens; their addresses are never printed. */
  readonly notify: readonly {
    readonly name: string;
    /** Events. */
    readonly on: readonly string[];
    /** `there`, `none`, or why one can't be read. */
    readonly secret: string;
  }[];
}

/** What the workers on this machine took of the configuration. */
export interface ReloadsDocument {
  readonly workers: readonly {
    readonly pid: number;
    readonly taskQueue: string;
    /** False where it said nothing within half a minute. */
    readonly answered: boolean;
    /** Connections that go on with another credential. */
    readonly renewed: readonly string[];
    /** Settings that have changed and need a start to be taken. */
    readonly ignored: readonly string[];
    /** What is wrong with the file, or with a secret; what was before stays. */
    readonly problems: readonly string[];
  }[];
}

/** Once the worker polls. */
export interface WorkerReadyDocument {
  readonly ready: true;
  /** Temporal's address. */
  readonly temporal: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Names. */
  readonly connections: readonly string[];
  readonly artifacts: string;
  /** Address of the figures for Prometheus. */
  readonly metrics?: string;
  /** Address of the readiness probe. */
  readonly health?: string;
}

/** Once the whole stack is there. */
export interface DevReadyDocument {
  readonly ready: true;
  readonly temporal: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Temporal's web UI. */
  readonly ui?: string;
  readonly sqlflow: string;
  readonly linkis: string;
  readonly artifacts: string;
}

/** Once this piece is there. */
export interface LocalReadyDocument {
  readonly ready: true;
  readonly url: string;
  /** Temporal's web UI. */
  readonly ui?: string;
}

/** A configuration file was written, and its connections tried. */
export interface InitDocument {
  /** Absolute. */
  readonly file: string;
  /** Whether another one was there. */
  readonly replaced: boolean;
  readonly findings: readonly Finding[];
}

export interface CompletionDocument {
  readonly shell: 'bash' | 'zsh' | 'fish';
  readonly script: string;
}
