import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import type { FaultScript } from '../../src/local/http/fault';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { LocalTemporal } from '../../src/local/temporal/local-temporal';
import { linkisTasks, sqlflowTokens } from './evidence';
import { bundle, type Stage } from './stage';

/** Some tasks queue, as on a real cluster. */
const maxConcurrentTasks = 12;
/** Tokens and sessions end in the middle of most jobs. */
const loginMs = 15_000;

const portOf = (url: string) => Number(new URL(url).port);

/** A stage whose Temporal and services keep their state on disk, and can be restarted in place. */
export class StormWorld implements Stage {
  /** Markers of the Linkis tasks that a restart of the service may have lost. */
  readonly mayBeLost = new Set<string>();
  /** Faults that hit a call, by what they did, over all restarts. */
  readonly injected = new Map<string, number>();
  /** Calls that the services answered, or refused to. */
  calls = 0;
  /** Tokens that SQLFlow handed out. */
  readonly tokens = new Set<string>();
  private faults: (vendor: 'sqlflow' | 'linkis') => FaultScript | undefined = () => undefined;
  private readonly tokenTimer: NodeJS.Timeout;

  private constructor(
    readonly folder: string,
    readonly bundlePath: string,
    readonly store: FolderArtifactStore,
    readonly client: Client,
    private readonly connection: Connection,
    private temporal: LocalTemporal,
    private sqlflow: LocalSqlFlow,
    private linkis: LocalLinkis,
  ) {
    // SQLFlow forgets the tokens that it lets expire.
    this.tokenTimer = setInterval(() => void this.noteTokens(), 300);
  }

  static async open(log: (line: string) => void): Promise<StormWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'storm-'));
    const at = (name: string) => path.join(folder, name);
    await mkdir(at('sqlflow'));
    const [temporal, sqlflow, linkis, bundlePath] = await Promise.all([
      LocalTemporal.start({ stateDir: at('temporal'), log }),
      LocalSqlFlow.start({ stateDir: at('sqlflow'), tokenTtlMs: loginMs }),
      LocalLinkis.start({ stateDir: at('linkis'), maxConcurrentTasks, sessionTtlMs: loginMs }),
      bundle(folder),
    ]);
    const connection = await Connection.connect({ address: temporal.address });
    const client = new Client({ connection });
    const store = new FolderArtifactStore({ root: at('artifacts') });
    return new StormWorld(folder, bundlePath, store, client, connection, temporal, sqlflow, linkis);
  }

  get address(): string {
    return this.temporal.address;
  }

  get sqlflowUrl(): string {
    return this.sqlflow.url;
  }

  get linkisUrl(): string {
    return this.linkis.url;
  }

  /** What goes wrong from now on, after restarts too. */
  setFaults(faults: (vendor: 'sqlflow' | 'linkis') => FaultScript | undefined): void {
    this.faults = faults;
    this.sqlflow.service.setFaults(faults('sqlflow'));
    this.linkis.service.setFaults(faults('linkis'));
  }

  async restartTemporal(): Promise<void> {
    const port = Number(this.address.split(':')[1]);
    await this.temporal.close();
    this.temporal = await LocalTemporal.start({
      stateDir: path.join(this.folder, 'temporal'),
      port,
    });
  }

  async restartSqlFlow(): Promise<void> {
    const port = portOf(this.sqlflow.url);
    await this.sqlflow.close();
    this.count(this.sqlflow);
    this.sqlflow = await LocalSqlFlow.start({
      stateDir: path.join(this.folder, 'sqlflow'),
      tokenTtlMs: loginMs,
      port,
      faults: this.faults('sqlflow'),
    });
  }

  async restartLinkis(): Promise<void> {
    const port = portOf(this.linkis.url);
    this.linkis.service.setFaults(undefined);
    await this.noteUnended();
    await this.linkis.close();
    this.count(this.linkis);
    this.linkis = await LocalLinkis.start({
      stateDir: path.join(this.folder, 'linkis'),
      maxConcurrentTasks,
      sessionTtlMs: loginMs,
      port,
    });
    await this.noteUnended();
    this.linkis.service.setFaults(this.faults('linkis'));
  }

  async close(): Promise<void> {
    clearInterval(this.tokenTimer);
    await this.connection.close();
    await this.temporal.close();
    await this.sqlflow.close();
    await this.linkis.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Adds up what the services noted, so far. */
  countFaults(): void {
    this.count(this.sqlflow);
    this.count(this.linkis);
  }

  /** The database file of the Temporal server. */
  database(): Promise<Buffer> {
    return readFile(path.join(this.folder, 'temporal', 'temporal.db'));
  }

  private async noteUnended(): Promise<void> {
    for (const [marker, tasks] of await linkisTasks(this.linkisUrl)) {
      if (tasks.some(({ ended }) => !ended)) this.mayBeLost.add(marker);
    }
  }

  private count({ service }: LocalSqlFlow | LocalLinkis): void {
    for (const { fault } of service.calls.splice(0)) {
      this.calls += 1;
      if (fault !== undefined) this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
    }
  }

  private async noteTokens(): Promise<void> {
    const tokens = await sqlflowTokens(path.join(this.folder, 'sqlflow')).catch(() => []);
    for (const token of tokens) this.tokens.add(token);
  }
}
