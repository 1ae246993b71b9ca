import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareRun } from '../../activities/schedules/prepare-run';
import { readManifest } from '../../src/artifacts/manifest';
import type { ArtifactStore } from '../../src/artifacts/store';
import { openSettings } from '../../src/config/options';
import type { ScheduledFiles, ScheduledRun } from '../../src/contracts/schedule';
import { makeFolder, makeStore, noAbort } from '../artifacts/support';

let folder: string;
let store: ArtifactStore;

beforeEach(async () => {
  [folder, store] = [await makeFolder(), await makeStore()];
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

function prepare(run: ScheduledRun) {
  const opened = openSettings({
    installation: 'test',
    connections: {},
    inputs: { roots: [folder] },
  });
  const scheduledAtMs = Date.parse('2026-05-01T00:00:00Z');
  const resources = { ...opened, artifacts: store };
  return prepareRun(resources, { run, timeZone: 'UTC', scheduledAtMs }, noAbort);
}

test("a chain's files come from several lists, and are named below their base", async () => {
  await write({
    'etl/a.sql': 'select 1',
    'etl/deep/b.sql': 'select 2',
    'etl/c.sql': 'select 3',
    'lists/2026-05-01.txt': 'etl/a.sql\n',
    'lists/always.txt': 'etl/deep/b.sql\n',
  });
  const files: ScheduledFiles = {
    folder,
    paths: [],
    filesFrom: ['lists/{{scheduledDate}}.txt', 'lists/always.txt'],
    base: 'etl',
  };
  const refresh = { chain: 'c', connection: 'x', dbVendor: 'dbvhive' };
  const prepared = await prepare({ type: 'chainRefresh', files, refresh });
  if (prepared.type !== 'chainRefresh') throw new Error(prepared.type);
  const { files: found } = await readManifest(store, prepared.input.inputs, noAbort);
  expect(found.map(({ name }) => name)).toEqual(['a.sql', 'deep/b.sql']);
});

test('a list that names nothing is a mistake, and never everything that lies there', async () => {
  await write({ 'a.sql': 'select 1', 'list.txt': ' \n\n' });
  const files: ScheduledFiles = { folder, paths: [], filesFrom: ['list.txt'] };
  const refresh = { chain: 'c', connection: 'x', dbVendor: 'dbvhive' };
  await expect(prepare({ type: 'chainRefresh', files, refresh })).rejects.toThrow(
    'list.txt names no files',
  );
});

test('more files than fit into the history of a job are refused before it starts', async () => {
  // Long names, so that few files do.
  const deep = Array.from({ length: 9 }, (_, level) => `${level}`.padEnd(200, 'x')).join('/');
  const names = Array.from({ length: 900 }, (_, index) => `${deep}/${index}.sql`);
  await write(Object.fromEntries(names.map((name) => [name, 'select 1'])));
  const job = { jobName: 'large', dbVendor: 'dbvhive' };
  for (const type of ['sqlflowJob', 'sqlflowPersistJob'] as const) {
    await expect(prepare({ type, files: { folder, paths: ['.'] }, job })).rejects.toThrow(
      /are 900, whose list takes \d+ bytes where \d+ fit into Temporal's history; give them as one zip, or refresh a chain/,
    );
  }
});
