import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FaultScript } from '../http/fault';
import { LocalService } from '../http/service';
import { Accounts } from './accounts';
import { defaultBehaviour, type SqlFlowBehaviour } from './behaviour';
import { accessDenied, field, refused } from './envelope';
import { sqlflowActions } from './faults/actions';
import { finishedJobs } from './finished-jobs';
import { isEnded } from './job';
import { JobStore } from './job-store';
import { jobsOf, type LocalJob } from './jobs';
import { loadPolyglot } from './analysis/polyglot';
import { Quota, type QuotaOptions } from './quota';
import { routesOf, springError } from './routes';
import { Runner } from './runner';
import { Service } from './service';

/** How a {@link LocalSqlFlow} is started. */
export interface LocalSqlFlowOptions {
  /** 0 takes any free one. @default 0 */
  readonly port?: number;
  /** Address to listen on. Its accounts are known to everybody. @default '127.0.0.1' */
  readonly host?: string;
  /** Where the path of every endpoint begins. @default '/gspLive_backend' */
  readonly prefix?: string;
  /** Folder for jobs, uploads, lineage and tokens, so that they survive a restart. @default a temporary folder */
  readonly stateDir?: string;
  /** @default no faults */
  readonly faults?: FaultScript;
  /** Lifetime of a token in milliseconds; 0 or less means for ever. @default 24 hours */
  readonly tokenTtlMs?: number;
  /** Shortest time from submit to the end of a job, in milliseconds. @default 300 */
  readonly jobDelayMs?: number;
  /** Jobs of the user `demo` that ended long ago and were never submitted here. @default 0 */
  readonly finishedJobs?: number;
  /** Larger requests get HTTP 413. @default 200 MiB */
  readonly maxUploadBytes?: number;
  /** Calls that each user may make. @default without a limit */
  readonly quota?: QuotaOptions;
  /** What the vendor leaves open. @default as `defaultBehaviour` */
  readonly behaviour?: Partial<SqlFlowBehaviour>;
}

/**
 * A stand-in for Gudu SQLFlow: speaks its job API and finds real column lineage.
 *
 * Accounts: user `demo` with secret key `demo-secret`, and the on-premise user `gudu|0123456789`
 * with the literal token `token`.
 */
export class LocalSqlFlow {
  private constructor(
    readonly service: LocalService,
    private readonly store: JobStore,
    private readonly prefix: string,
    private readonly runner: Runner,
    private readonly temporaryDir: string | undefined,
  ) {}

  /**
   * Jobs that were running when the last one on this `stateDir` ended are run again.
   *
   * @throws LineageEngineMissingError when `@polyglot-sql/sdk` isn't installed
   * @throws FaultScriptError when `faults` can't be followed
   */
  static async start(options: LocalSqlFlowOptions = {}): Promise<LocalSqlFlow> {
    await loadPolyglot();
    const temporaryDir = options.stateDir
      ? undefined
      : await mkdtemp(path.join(tmpdir(), 'local-sqlflow-'));
    const stateDir = options.stateDir ?? temporaryDir ?? '';
    await mkdir(stateDir, { recursive: true });
    const prefix = options.prefix ?? '/gspLive_backend';
    const behaviour = { ...defaultBehaviour, ...options.behaviour };
    const store = await JobStore.open(stateDir, (beforeMs) =>
      finishedJobs(options.finishedJobs ?? 0, beforeMs),
    );
    const accounts = await Accounts.open(stateDir, options.tokenTtlMs ?? 24 * 3_600_000);
    const runner = new Runner(store, options.jobDelayMs ?? 300, behaviour);
    const shared = new Service(accounts, store, runner, behaviour);
    const service = await LocalService.start({
      routes: routesOf(shared, prefix, new Quota(options.quota)),
      port: options.port,
      host: options.host,
      faults: options.faults,
      faultActions: sqlflowActions(shared),
      maxBodyBytes: options.maxUploadBytes ?? 200 * 2 ** 20,
      envelopeFault: (code, message) => refused(code, message),
      tokenFault: (request) => {
        accounts.forget(field(request, 'token'));
        return refused(401, accessDenied);
      },
      notFound: (request, allowed) =>
        allowed.length === 0
          ? springError(404, 'Not Found', request.path)
          : springError(405, 'Method Not Allowed', request.path),
    });
    for (const job of store.all()) if (!isEnded(job.status)) runner.start(job);
    return new LocalSqlFlow(service, store, prefix, runner, temporaryDir);
  }

  /** What a client takes for its base URL. */
  get url(): string {
    return `${this.service.url}${this.prefix}`;
  }

  /** Every job that hasn't been deleted, oldest first, of all users. */
  jobs(): LocalJob[] {
    return jobsOf(this.store, this.runner);
  }

  /**
   * Ends the delays of all jobs under way: `jobDelayMs`, and what their files ask for
   * (`-- local: delay 10m`). A test lets a job run until it has seen what it wants to see.
   */
  endDelays(): void {
    this.runner.endDelays();
  }

  /**
   * Breaks calls under way off; jobs that run are stopped, and go on where a `stateDir` is taken up
   * again.
   */
  async close(): Promise<void> {
    await this.service.close();
    await this.runner.close();
    this.store.close();
    if (this.temporaryDir)
      await rm(this.temporaryDir, { recursive: true, force: true, maxRetries: 3 });
  }
}
