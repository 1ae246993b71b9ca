import { Readable } from 'node:stream';
import { finishRevision } from '../../activities/chain/finish-revision';
import { clearOldRevisions, newestRevision } from '../../activities/chain/revisions';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { FinishRevisionInput } from '../../src/contracts/chain-steps';
import type { ArtifactStore } from '../../src/artifacts/store';
import { makeAnyStore, noAbort, readText } from '../artifacts/support';

const place = { connection: 'x', chain: 'c' };
let store: ArtifactStore;

beforeEach(async () => {
  store = await makeAnyStore();
});

function put(key: string, value: string): Promise<ArtifactRef> {
  const body = Readable.from([value]);
  return store.put(`chains/x/c/${key}`, body, { format: 'json', signal: noAbort });
}

async function haveRevisions(...revisions: readonly number[]): Promise<void> {
  for (const revision of revisions) await put(`${revision}/lineage.json`, '{}');
}

async function folders(): Promise<readonly string[]> {
  const keys = await store.list('chains/x/c/', noAbort);
  return [...new Set(keys.map((key) => key.split('/')[3] ?? ''))].sort();
}

function finish(revision: number, keepRevisions: number, comparedWith?: number) {
  const common = { revision, generation: 1, jobId: 'j', artifacts: {} };
  const input: FinishRevisionInput = {
    result: {
      ...common,
      ...place,
      comparedWith,
      status: 'success',
      inputs: {
        artifact: { uri: 'artifact:m', format: 'json', sizeBytes: 1, sha256: '' },
        files: 1,
        sizeBytes: 1,
      },
      files: { total: 1, sent: 1, added: 1, changed: 0, removed: 0 },
      counts: { datasets: 1, columns: 1, edges: 1, errors: 0 },
      exportedWith: {},
      warnings: [],
      submittedAtMs: 1,
      endedAtMs: 2,
    },
    latest: { ...common, atMs: 2 },
    keepRevisions,
  };
  return finishRevision(store, input, noAbort);
}

test('the revision that the pointer names stays, also where the chain knows of none', async () => {
  await haveRevisions(1, 2, 3, 4);
  await put('latest.json', '{ "revision": 2 }');
  const retention = { ...place, keepRevisions: 1, revision: undefined };
  expect(await clearOldRevisions(store, retention, noAbort)).toEqual([]);
  expect(await folders()).toEqual(['2', '4', 'latest.json']);
});

/** Good ones: with a result. */
async function haveGood(...revisions: readonly number[]): Promise<void> {
  await haveRevisions(...revisions);
  for (const revision of revisions) await put(`${revision}/result.json`, '{}');
}

test('what a revision was compared with stays as long as it is the latest', async () => {
  await haveGood(1, 2, 3);
  await haveRevisions(4, 5, 6, 7);
  await finish(7, 1, 3);
  expect(await folders()).toEqual(['3', '7', 'latest.json']);
  // So does the next refresh's plan leave it.
  const retention = { ...place, keepRevisions: 1, revision: 7 };
  expect(await clearOldRevisions(store, retention, noAbort)).toEqual([]);
  expect(await folders()).toEqual(['3', '7', 'latest.json']);
  await finish(8, 1, 7);
  expect(await folders()).toEqual(['7', '8', 'latest.json']);
});

test('a month of closed gates costs none of the good revisions', async () => {
  await haveGood(1, 2, 3);
  await haveRevisions(4, 5, 6, 7, 8, 9);
  const retention = { ...place, keepRevisions: 2, revision: 3 };
  expect(await clearOldRevisions(store, retention, noAbort)).toEqual([]);
  expect(await folders()).toEqual(['2', '3', '8', '9']);
  // They go with the good ones around them.
  await haveGood(10, 11, 12);
  expect(await clearOldRevisions(store, { ...retention, revision: 12 }, noAbort)).toEqual([]);
  expect(await folders()).toEqual(['11', '12']);
});

test.each(['', 'null', '{'])('a result that is damaged keeps no other: %j', async (damaged) => {
  await haveRevisions(1, 2, 3);
  await put('3/result.json', damaged);
  const retention = { ...place, keepRevisions: 1, revision: 3 };
  expect(await clearOldRevisions(store, retention, noAbort)).toEqual([]);
  expect(await folders()).toEqual(['3']);
});

test('a refresh that ends late moves no pointer back, and says so', async () => {
  await haveRevisions(4, 5, 6);
  await put('latest.json', '{ "revision": 6 }');
  const { warnings } = await finish(4, 1);
  expect(warnings).toEqual([expect.stringContaining('latest.json stays at revision 6')]);
  expect(JSON.parse(await readText(store, 'chains/x/c/latest.json'))).toEqual({ revision: 6 });
  expect(await folders()).toEqual(['4', '6', 'latest.json']);
});

test.each(['', 'null', '{ "revision": "6" }', '{'])(
  'a pointer that is damaged is written anew: %j',
  async (damaged) => {
    await put('latest.json', damaged);
    expect((await finish(4, 1)).warnings).toEqual([]);
    const pointer: unknown = JSON.parse(await readText(store, 'chains/x/c/latest.json'));
    expect(pointer).toMatchObject({ revision: 4 });
  },
);

test('a new revision is behind the pointer, too, where the folders were cleared away', async () => {
  expect(await newestRevision(store, place, noAbort)).toBe(0);
  await haveRevisions(2);
  await put('latest.json', '{ "revision": 9 }');
  expect(await newestRevision(store, place, noAbort)).toBe(9);
});
