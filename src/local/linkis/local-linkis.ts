import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Delays } from '../delays';
import type { FaultScript } from '../http/fault';
import { LocalService } from '../http/service';
import { Auth } from './auth';
import { defaultBehaviour, type LinkisBehaviour } from './behaviour';
import type { DataFolderReport } from './engine/data-folder';
import { SqlEngine } from './engine/sql-engine';
import { EntranceHost } from './entrance/entrance-host';
import { entranceRoutes } from './entrance/routes';
import { linkisActions } from './faults/actions';
import { loginRoutes, notFound, secured } from './gateway';
import { finishedRows } from './history/finished-rows';
import { JobHistory } from './history/job-history';
import { historyRoutes } from './history/routes';
import { exportRoutes } from './storage/export-routes';
import { storageRoutes } from './storage/routes';
import { VirtualFiles } from './storage/virtual-files';
import { tasksOf, type LocalTask } from './tasks';

/** How a {@link LocalLinkis} is started. */
export interface LocalLinkisOptions {
  /** 0 takes any free one. @default 0 */
  readonly port?: number;
  /** Address to listen on. Its accounts are known to everybody. @default '127.0.0.1' */
  readonly host?: string;
  /** Where tables, jobhistory, results and logs outlive a restart. @default a folder that close() removes */
  readonly stateDir?: string;
  /** Its CSV, TSV, Parquet and JSON files become tables. @default none */
  readonly dataDir?: string;
  /** @default no faults */
  readonly faults?: FaultScript;
  /** How long a password login lasts, in milliseconds from the login. @default 2 hours */
  readonly sessionTtlMs?: number;
  /**
   * Tasks that run at once; the others wait. They may be thousands: a task that passes a delay holds
   * no engine. @default 4
   */
  readonly maxConcurrentTasks?: number;
  /** Rows of the user `hadoop` in jobhistory that ended long ago and were never submitted here. @default 0 */
  readonly finishedTasks?: number;
  /** What differs between Linkis versions. @default as 1.7 */
  readonly behaviour?: Partial<LinkisBehaviour>;
}

interface Rooms {
  readonly host: EntranceHost;
  readonly history: JobHistory;
  readonly files: VirtualFiles;
  readonly delays: Delays;
  readonly auth: Auth;
}

/**
 * A stand-in for Apache Linkis that really runs SQL, with DuckDB. Accounts: `hadoop` with the
 * password `hadoop`, or `Token-Code: local-token` with any `Token-User`. See docs/local-linkis.md.
 */
export class LocalLinkis {
  readonly #close: () => Promise<void>;
  #closed?: Promise<void>;

  private constructor(
    readonly service: LocalService,
    /** What was made of `dataDir`. */
    readonly data: DataFolderReport,
    private readonly rooms: Rooms,
    close: () => Promise<void>,
  ) {
    this.#close = close;
  }

  /**
   * @throws MissingPeerError without `@duckdb/node-api` and `@polyglot-sql/sdk`
   * @throws FaultScriptError when `faults` can't be followed
   */
  static async start(options: LocalLinkisOptions = {}): Promise<LocalLinkis> {
    const behaviour = { ...defaultBehaviour, ...options.behaviour };
    const root = options.stateDir ?? (await mkdtemp(path.join(tmpdir(), 'local-linkis-')));
    const dropState = async () => {
      if (options.stateDir === undefined) await rm(root, { recursive: true, force: true });
    };
    let engine: SqlEngine | undefined;
    try {
      await mkdir(root, { recursive: true });
      engine = await openEngine(root, options);
      const files = new VirtualFiles(path.join(root, 'files'), behaviour.pathScheme);
      const { entranceInstance } = behaviour;
      const history = new JobHistory(path.join(root, 'jobhistory.jsonl'), (beforeMs) =>
        finishedRows(options.finishedTasks ?? 0, beforeMs, entranceInstance),
      );
      const maxConcurrentTasks = options.maxConcurrentTasks ?? 4;
      const delays = new Delays();
      const host = new EntranceHost({
        engine,
        history,
        files,
        behaviour,
        maxConcurrentTasks,
        delays,
      });
      const auth = new Auth(options.sessionTtlMs ?? 2 * 3_600_000);
      const rooms = { host, history, files, delays, auth };
      const service = await startService(options, behaviour, rooms);
      return new LocalLinkis(service, engine.data, rooms, async () => {
        await service.close();
        await host.entrance.close();
        history.close();
        engine?.close();
        await dropState();
      });
    } catch (error) {
      engine?.close();
      await dropState();
      throw error;
    }
  }

  /** `http://127.0.0.1:PORT`, without a path. */
  get url(): string {
    return this.service.url;
  }

  /** Every task that was ever submitted, refused ones too, oldest first; as nobody outside sees them. */
  tasks(): LocalTask[] {
    return tasksOf(this.rooms.history, this.rooms.host.entrance);
  }

  /**
   * Ends the delays that the code of all running tasks asks for (`-- local: delay 10m`), those that
   * come later in it too: a test lets a task run until it has seen what it wants to see.
   */
  endDelays(): void {
    this.rooms.delays.end();
  }

  /** Rotates a user's password, as an administrator would; sessions of the one before end. */
  setPassword(user: string, password: string): void {
    this.rooms.auth.setPassword(user, password);
  }

  /**
   * The entrance restarts on its host and port, and the rest goes on: waiting tasks are Cancelled,
   * running rows stay Running for ever, and old execIDs will name new tasks.
   */
  async restartEntrance(): Promise<void> {
    await this.rooms.host.restart();
  }

  /** As a SIGTERM of the entrance: waiting tasks are Cancelled, running rows stay Running for ever. */
  async close(): Promise<void> {
    await (this.#closed ??= this.#close());
  }
}

async function openEngine(root: string, options: LocalLinkisOptions): Promise<SqlEngine> {
  const databaseFile =
    options.stateDir === undefined ? undefined : path.join(root, 'warehouse.duckdb');
  try {
    return await SqlEngine.open({
      databaseFile,
      spillDir: path.join(root, 'spill'),
      dataDir: options.dataDir,
    });
  } catch (error) {
    if (!(error as Error).message.includes('Could not set lock')) throw error;
    throw new Error(`The state folder ${root} is in use by another process; name another one.`);
  }
}

function startService(
  options: LocalLinkisOptions,
  behaviour: LinkisBehaviour,
  rooms: Rooms,
): Promise<LocalService> {
  const { auth } = rooms;
  const routes = [
    ...entranceRoutes(rooms.host, rooms.history, behaviour),
    ...historyRoutes(rooms.history, behaviour),
    ...storageRoutes(rooms.files, behaviour),
    ...exportRoutes(rooms.files, behaviour),
  ].map((route) => secured(route, auth));
  return LocalService.start({
    port: options.port,
    host: options.host,
    faults: options.faults,
    faultActions: linkisActions(rooms.host, behaviour),
    routes: [...loginRoutes(auth), ...routes],
    envelopeFault: (code, message) => ({
      json: { method: null, status: Number(code) || 1, message, data: {} },
    }),
    tokenFault: (request) => auth.expire(request),
    notFound,
  });
}
