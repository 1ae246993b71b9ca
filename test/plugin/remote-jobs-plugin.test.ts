import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { Worker } from '@temporalio/worker';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import type { ArtifactStore } from '../../src/artifacts/store';
import {
  RemoteJobsPlugin,
  type RemoteJobsPluginOptions,
} from '../../src/plugin/remote-jobs-plugin';
import { newQueue, useTemporal } from './harness';

const harness = useTemporal();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plugin-'));
});
afterEach(() => rm(folder, { recursive: true }));

const connections: RemoteJobsPluginOptions['connections'] = {
  lineage: {
    type: 'sqlflow',
    url: 'http://127.0.0.1:1/gspLive_backend',
    userId: 'demo',
    secretKey: { value: 'canary-f81d4fae' },
  },
  cluster: {
    type: 'linkis',
    url: 'http://127.0.0.1:1',
    user: 'hadoop',
    password: { env: 'LINKIS_PASSWORD' },
  },
};

/** The message for options that a program in JavaScript may give. */
function refusal(options: unknown): string {
  try {
    new RemoteJobsPlugin(options as RemoteJobsPluginOptions);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

async function createWorker(options: Partial<RemoteJobsPluginOptions> = {}): Promise<Worker> {
  const plugin = new RemoteJobsPlugin({ connections, artifacts: { folder }, ...options });
  const connection = await harness.connect(plugin);
  return Worker.create({ connection, taskQueue: newQueue() });
}

it('adds an activity for every call, and leaves the waiting ones to the companion', async () => {
  const worker = await createWorker();
  await worker.runUntil(Promise.resolve());
  const names = [...worker.options.activities.keys()];
  expect(names).toEqual(expect.arrayContaining(['sqlflowSubmitJob', 'linkisSubmitTask']));
  expect(names.filter((name) => /Await/.test(name))).toEqual([]);
});

it('opens nothing and reads no secret before a job needs it', async () => {
  // Nobody listens at the urls, and LINKIS_PASSWORD isn't set.
  const worker = await createWorker();
  await worker.runUntil(Promise.resolve());
  expect(worker.getState()).toBe('STOPPED');
});

it('shows no secret to whatever prints the plugin or the options of its worker', async () => {
  const worker = await createWorker();
  await worker.runUntil(Promise.resolve());
  const everything = { depth: 20, showHidden: true };
  expect(inspect(worker.options, everything)).not.toContain('canary-f81d4fae');
});

it('draws a name for the deployment once, and keeps it where the artifacts are', async () => {
  await (await createWorker()).runUntil(Promise.resolve());
  const drawn = await readFile(path.join(folder, '.installation'), 'utf8');
  const artifacts = new FolderArtifactStore({ root: folder });
  await (await createWorker({ artifacts })).runUntil(Promise.resolve());
  expect(await readFile(path.join(folder, '.installation'), 'utf8')).toBe(drawn);
});

it('draws no name where it is given one', async () => {
  await (await createWorker({ installation: 'production' })).runUntil(Promise.resolve());
  expect(await readdir(folder)).toEqual([]);
});

it('takes a bucket, with a name for the deployment', async () => {
  const secretAccessKey = { value: 'canary-f81d4fae' };
  const s3 = {
    bucket: 'dw',
    region: 'eu-central-1',
    accessKeyId: secretAccessKey,
    secretAccessKey,
  };
  expect(refusal({ connections, artifacts: { s3 } })).toMatch(/^installation is missing: name the/);
  const worker = await createWorker({ artifacts: { s3 }, installation: 'production' });
  await worker.runUntil(Promise.resolve());
  expect(inspect(worker.options, { depth: 20, showHidden: true })).not.toContain('canary');
});

it('wants a name for the deployment with a store that keeps none', () => {
  const artifacts = { put: () => {} } as unknown as ArtifactStore;
  expect(refusal({ connections, artifacts })).toMatch(/^installation is missing: name the deploy/);
  expect(refusal({ connections, artifacts, installation: 'production' })).toBe('accepted');
});

it.each([
  ['no connections', {}, /^connections names none: give at least one/],
  ['no artifacts', { artifacts: undefined }, /^artifacts.folder is missing: name a folder/],
  ['no folder', { artifacts: {} }, /^artifacts.folder is missing: name a folder/],
  ['a blank folder', { artifacts: { folder: ' ' } }, /^artifacts.folder is blank/],
  ['no bucket', { artifacts: { s3: {} }, installation: 'x' }, /^artifacts.s3.bucket is missing/],
  ['a typo', { instalation: 'x' }, /^instalation is no setting: did you mean "installation"\?/],
  ['a typo further down', { watch: { maxJobs: 1 } }, /^watch.maxJobs is no setting: known is max/],
  ['no slots', { watch: { maxWaitingJobs: 0 } }, /number of jobs from 1 to 100000, not 0$/],
  ['a wrong name', { installation: 'My Team' }, /^installation must have 1 to 32 of a-z/],
])('refuses %s with a sentence that names the option', (what, options, message) => {
  const given = what === 'no connections' ? {} : connections;
  expect(refusal({ connections: given, artifacts: { folder }, ...options })).toMatch(message);
});

it('tells every mistake at once', () => {
  const lineage = { ...connections['lineage'], url: undefined };
  const message = refusal({ connections: { lineage }, watch: { maxWaitingJobs: '10' } });
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/^connections.lineage.url is missing/),
    expect.stringMatching(/^artifacts.folder is missing/),
    expect.stringMatching(/^watch.maxWaitingJobs must be .*, not "10"$/),
  ]);
});
