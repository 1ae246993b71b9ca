import { Connection } from '@temporalio/client';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTemporal } from './find';
import type { Log } from './log';
import { GuardedProcess } from './guarded-process';

/** How a {@link LocalTemporal} is started. */
export interface LocalTemporalOptions {
  /** Port of the gRPC frontend on 127.0.0.1. @default any free one */
  readonly port?: number;
  /** Port of the web UI on 127.0.0.1, 0 for any free one. @default no UI */
  readonly uiPort?: number;
  /** Folder that keeps the state in `temporal.db`, made when missing. @default in memory only */
  readonly stateDir?: string;
  /** A namespace to be there besides `default`. @default 'default' */
  readonly namespace?: string;
  /** Gets a line for whatever takes time or is skipped while a binary is looked for. */
  readonly log?: Log;
  /** Where TEMPORAL_CLI_PATH, PATH and the cache folder are looked up. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Time for a server to answer; 0.2 s is usual, a busy machine takes many times that. */
const startTimeoutMs = 60_000;

/** What a server with state may take to end; 2 s are usual. */
const stopTimeoutMs = 5_000;

/**
 * The server takes free ports for its inner services, too, and somebody may be faster between its
 * choice and its use: then it is started again.
 */
const portTaken = /address already in use/;
const mostAttempts = 5;

/** With this a job is found by its remote id; a real server's administrator has to add it. */
const searchAttribute = 'RemoteJobId=Keyword';
/**
 * Temporal reads each internal queue of a shard 20 times a second at most, and a dev server has one
 * shard: every step of every workflow would wait some 35 ms for its turn (measured with 1.29.1).
 */
const queueReads = ['transfer', 'timer', 'visibility'].map(
  (queue) => `history.${queue}ProcessorMaxPollRPS=1000`,
);

/**
 * A Temporal server of our own on 127.0.0.1. It takes nothing from TEMPORAL_ADDRESS and its
 * siblings or from temporal.toml, and it ends with this process, however that ends.
 */
export class LocalTemporal {
  readonly #process: GuardedProcess;
  readonly #homeDir: string;

  private constructor(
    /** `127.0.0.1:PORT`, as Temporal's clients want it. */
    readonly address: string,
    readonly namespace: string,
    readonly uiUrl: string | undefined,
    process: GuardedProcess,
    homeDir: string,
  ) {
    this.#process = process;
    this.#homeDir = homeDir;
  }

  /**
   * Resolves once the server answers for its namespace.
   *
   * @throws TemporalUnavailableError when no binary can be had
   * @throws Error when a port is taken, or with the server's last words when it doesn't start
   */
  static async start(options: LocalTemporalOptions = {}): Promise<LocalTemporal> {
    const { environment = process.env, log = () => undefined } = options;
    const binary = await findTemporal({ environment, log });
    for (let attempt = 1; ; attempt++) {
      try {
        return await LocalTemporal.#launch(binary.path, environment, options);
      } catch (error) {
        if (attempt === mostAttempts || !portTaken.test((error as Error).message)) throw error;
      }
    }
  }

  static async #launch(
    binary: string,
    environment: NodeJS.ProcessEnv,
    options: LocalTemporalOptions,
  ): Promise<LocalTemporal> {
    const { namespace = 'default' } = options;
    const [port, uiPort] = await freePorts([options.port ?? 0, options.uiPort]);
    if (options.stateDir !== undefined) await mkdir(options.stateDir, { recursive: true });
    const homeDir = await mkdtemp(path.join(tmpdir(), 'local-temporal-'));
    const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`];
    args.push('--log-level', 'error', '--namespace', namespace);
    args.push('--search-attribute', searchAttribute);
    args.push(...queueReads.flatMap((setting) => ['--dynamic-config-value', setting]));
    if (uiPort === undefined) args.push('--headless');
    else args.push('--ui-ip', '127.0.0.1', '--ui-port', `${uiPort}`);
    if (options.stateDir !== undefined) {
      args.push('--db-filename', path.resolve(options.stateDir, 'temporal.db'));
    }
    const guarded = new GuardedProcess(
      binary,
      args,
      ownEnvironment(environment, homeDir),
      options.stateDir === undefined ? 0 : stopTimeoutMs,
    );
    const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
    const server = new LocalTemporal(`127.0.0.1:${port}`, namespace, uiUrl, guarded, homeDir);
    try {
      await server.#answers(port ?? 0);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Resolves with the exit code when the server ends, be it by itself or by {@link close}. */
  get ended(): Promise<number> {
    return this.#process.ended;
  }

  /** Stops the server: SIGTERM, and SIGKILL after 5 s, or at once when it has no state to keep. */
  async close(): Promise<void> {
    await this.#process.stop();
    await rm(this.#homeDir, { recursive: true, force: true });
  }

  async #answers(port: number): Promise<void> {
    const over = new AbortController();
    const timeout = AbortSignal.timeout(startTimeoutMs);
    const answered = untilAnswered(port, this.namespace, AbortSignal.any([over.signal, timeout]));
    const died = this.ended.then((code) => `it ended with code ${code}`);
    const late = answered.then(
      () => undefined,
      (error: Error) =>
        timeout.aborted ? `no answer in ${startTimeoutMs / 1000} s` : error.message,
    );
    const problem = await Promise.race([late, died]);
    over.abort();
    if (problem === undefined) return;
    throw new Error(`The Temporal server doesn't start: ${problem}. ${this.#process.lastOutput}`);
  }
}

async function untilAnswered(port: number, namespace: string, signal: AbortSignal): Promise<void> {
  while (!(await accepts(port))) await sleep(20, undefined, { signal });
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  const answers = async () => {
    await connection.workflowService.describeNamespace({ namespace });
    await connection.operatorService.listSearchAttributes({ namespace });
    return true;
  };
  try {
    while (!(await answers().catch(() => false))) await sleep(50, undefined, { signal });
  } finally {
    await connection.close();
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Claims all ports before it gives any of them back, so that they differ. */
async function freePorts(
  wanted: readonly (number | undefined)[],
): Promise<readonly (number | undefined)[]> {
  const claims = [];
  try {
    const ports: (number | undefined)[] = [];
    for (const port of wanted) {
      if (port === undefined) {
        ports.push(undefined);
        continue;
      }
      const claim = createServer().listen(port, '127.0.0.1');
      await once(claim, 'listening').catch((error: unknown) => {
        throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
          ? new Error(`Port ${port} on 127.0.0.1 is taken; name another one.`)
          : error;
      });
      claims.push(claim);
      ports.push((claim.address() as AddressInfo).port);
    }
    return ports;
  } finally {
    for (const claim of claims) claim.close();
  }
}

/** The user's environment without what could point the CLI elsewhere: variables and files. */
function ownEnvironment(environment: NodeJS.ProcessEnv, homeDir: string): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(own),
    HOME: homeDir,
    USERPROFILE: homeDir,
    APPDATA: homeDir,
    XDG_CONFIG_HOME: homeDir,
  };
}
