import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type RemoteJobActivities } from '../../activities/public';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { openSettings, type JobSettings } from '../../src/config/options';

/** Temporal's side of an activity: it takes every heartbeat, and knows no search attribute. */
const client = {
  withAbortSignal: (_signal: AbortSignal, run: () => unknown) => run(),
  activity: { heartbeat: () => Promise.resolve() },
} as unknown as Client;

/** Silent, since a spec provokes what the SDK warns of. */
const logger = new DefaultLogger('ERROR', () => undefined);

export interface Attempt {
  readonly environment: MockActivityEnvironment;
  /** What the last heartbeat said. */
  readonly details: () => unknown;
  readonly beats: () => number;
}

/** One attempt of an activity, as a worker would run it. */
export function attempt(info: Partial<Info> = {}): Attempt {
  const environment = new MockActivityEnvironment(info, { client, logger });
  let details: unknown = info.heartbeatDetails;
  let beats = 0;
  environment.on('heartbeat', (beat: unknown) => {
    details = beat;
    beats += 1;
  });
  return { environment, details: () => details, beats: () => beats };
}

export interface ActivityBench {
  readonly activities: RemoteJobActivities;
  readonly store: FolderArtifactStore;
  close(): Promise<void>;
}

/** All activities over an artifact folder of their own. */
export async function activityBench(settings: JobSettings): Promise<ActivityBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'activities-'));
  const store = new FolderArtifactStore({ root: folder });
  const opened = openSettings({ installation: 'test', ...settings });
  const { main, watch } = createActivities({ ...opened, artifacts: store });
  return {
    activities: { ...main, ...watch },
    store,
    async close() {
      await opened.connections.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
