import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { announceDev, findDevStacks, withdrawDev, type DevState } from '../../src/cli/dev-state';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'dev-state-'));
});
afterEach(() => rm(cache, { recursive: true }));

const state: DevState = {
  pid: process.pid,
  cwd: '/some/folder',
  temporal: '127.0.0.1:7233',
  namespace: 'default',
  taskQueue: 'remote-jobs',
  sqlflow: 'http://127.0.0.1:1',
  linkis: 'http://127.0.0.1:2',
  artifacts: '/some/folder/artifacts',
};

test('a stack is found for as long as its process runs, and by its own words', async () => {
  const place = { env: { XDG_CACHE_HOME: cache } };
  expect(await announceDev(place, state)).toBe(true);
  expect(await findDevStacks(place)).toEqual([state]);
  await withdrawDev(place, state);
  expect(await findDevStacks(place)).toEqual([]);
});

test('a stack that was killed is not found again because another process has its id', async () => {
  const place = { env: { XDG_CACHE_HOME: cache } };
  await announceDev(place, state);
  const folder = path.join(cache, 'temporal-remote-jobs', 'dev');
  const [name = ''] = await readdir(folder);
  const kept = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as object;
  await writeFile(path.join(folder, name), JSON.stringify({ ...kept, processStart: 'earlier' }));
  expect(await findDevStacks(place)).toEqual([]);
});
