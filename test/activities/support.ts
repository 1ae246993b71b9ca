import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ActivityCancelledError, type Client } from '@temporalio/client';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type RemoteJobActivities } from '../../activities/public';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { stageFiles } from '../../src/artifacts/staging';
import { openSettings, type JobSettings } from '../../src/config/options';
import type { ArtifactRef, StagedFile } from '../../src/contracts/artifact';
import { remoteJobIdAttribute } from '../../src/contracts/names';
import type { LocalLinkis } from '../../src/local/linkis/local-linkis';
import type { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';

/** A spec provokes what the SDK warns of. */
const silent = new DefaultLogger('ERROR', () => undefined);

/** One attempt of one activity, and what it told the server on its way. */
export class Attempt {
  readonly environment: MockActivityEnvironment;
  /** Every heartbeat; `recorded` ones were on the server before the next line ran. */
  readonly beats: unknown[] = [];
  readonly recorded: unknown[] = [];
  /** The server knows of a cancel that has not reached the SDK yet. */
  isCancelled = false;

  constructor(info: Partial<Info> = {}) {
    const client = {
      withAbortSignal: <T>(_: AbortSignal, run: () => Promise<T>) => run(),
      activity: {
        heartbeat: async (_: unknown, details: unknown) => {
          this.recorded.push(details);
          if (this.isCancelled) throw new ActivityCancelledError('cancelled');
        },
      },
      connection: {
        operatorService: {
          listSearchAttributes: async () => ({ customAttributes: { [remoteJobIdAttribute]: 2 } }),
        },
      },
    };
    this.environment = new MockActivityEnvironment(
      {
        scheduledTimestampMs: Date.now(),
        // As a workflow would ask for; the mock's own are 1 s.
        scheduleToCloseTimeoutMs: 3_600_000,
        startToCloseTimeoutMs: 1_800_000,
        ...info,
      },
      { client: client as unknown as Client, logger: silent },
    );
    this.environment.on('heartbeat', (details) => this.beats.push(details));
  }
}

/** The activities of a worker against the local services. */
export class ActivityStack {
  readonly store: FolderArtifactStore;
  readonly activities: RemoteJobActivities;
  readonly #close: () => Promise<void>;

  constructor(
    private readonly folder: string,
    settings: JobSettings,
  ) {
    const opened = openSettings({ installation: 'test', ...settings });
    this.store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
    const { main, watch } = createActivities({ ...opened, artifacts: this.store });
    this.activities = { ...main, ...watch };
    this.#close = async () => {
      await opened.connections.close();
      await opened.openlineage.close();
    };
  }

  run<Name extends keyof RemoteJobActivities>(
    name: Name,
    input: Parameters<RemoteJobActivities[Name]>[0],
    attempt = new Attempt(),
  ): Promise<Awaited<ReturnType<RemoteJobActivities[Name]>>> {
    const run = this.activities[name] as (input: unknown) => Promise<never>;
    return attempt.environment.run(run, input);
  }

  /** The failure that Temporal would record. */
  async failure<Name extends keyof RemoteJobActivities>(
    name: Name,
    input: Parameters<RemoteJobActivities[Name]>[0],
    attempt?: Attempt,
  ): Promise<ApplicationFailure> {
    const failed: unknown = await this.run(name, input, attempt).then(
      (result) => new Error(`it did not fail: ${JSON.stringify(result)}`),
      (error: unknown) => error,
    );
    if (!(failed instanceof ApplicationFailure)) throw failed;
    return failed;
  }

  async stage(files: Readonly<Record<string, string>>): Promise<StagedFile[]> {
    const inputs = await mkdtemp(path.join(this.folder, 'inputs-'));
    const paths: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      paths.push(path.join(inputs, name));
      await writeFile(path.join(inputs, name), content);
    }
    return stageFiles(this.store, paths, { signal: new AbortController().signal });
  }

  async read({ uri }: ArtifactRef): Promise<string> {
    return text(await this.store.open(uri, new AbortController().signal));
  }

  async close(): Promise<void> {
    await this.#close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function activityStack(
  services: { readonly sqlflow?: LocalSqlFlow; readonly linkis?: LocalLinkis },
  settings: Partial<JobSettings> = {},
): Promise<ActivityStack> {
  const { sqlflow, linkis } = services;
  return new ActivityStack(await mkdtemp(path.join(tmpdir(), 'activities-')), {
    connections: {
      ...(sqlflow && {
        sqlflow: {
          type: 'sqlflow',
          url: sqlflow.url,
          userId: 'demo',
          secretKey: { value: 'demo-secret' },
        },
      }),
      ...(linkis && {
        linkis: {
          type: 'linkis',
          url: linkis.url,
          user: 'hadoop',
          token: { value: 'local-token' },
          users: ['alice'],
        },
      }),
    },
    ...settings,
  });
}
