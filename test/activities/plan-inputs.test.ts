import { Readable } from 'node:stream';
import { compareManifests } from '../../activities/chain/compare-manifests';
import { planInputs } from '../../activities/chain/plan-inputs';
import { writeManifest } from '../../src/artifacts/manifest';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ManifestRef, RefreshInput } from '../../src/contracts/chain';
import { makeAnyStore, noAbort } from '../artifacts/support';

let store: ArtifactStore;

beforeEach(async () => {
  store = await makeAnyStore();
});

/** `{ 'a.sql': 'a0' }` is a snapshot of one file with that content. */
async function snapshot(
  files: Readonly<Record<string, string>>,
  removed?: readonly string[],
): Promise<ManifestRef> {
  const staged = await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      const body = Readable.from([content]);
      return { name, artifact: await store.putByHash(body, { format: 'sql', signal: noAbort }) };
    }),
  );
  return writeManifest(store, staged, noAbort, removed && { since: 'c0ffee', removed });
}

/** Of what differs since a revision alone. */
function changes(files: Readonly<Record<string, string>>, removed: readonly string[] = []) {
  return snapshot(files, removed);
}

function input(
  inputs: ManifestRef,
  { latest, unsettled = [] }: { latest?: ManifestRef; unsettled?: RefreshInput['unsettled'] },
): RefreshInput {
  const settings = { dbVendor: 'dbvhive' };
  const generation = 1;
  return {
    request: { requestId: 'r', chain: 'c', connection: 'x', inputs, ...settings },
    current: { generation, key: 'k', settings, jobId: 'j', submits: 1 },
    nextKey: 'next',
    mayBeSubmitted: false,
    latest: latest && {
      revision: 1,
      generation,
      manifest: latest,
      lineage: latest.artifact,
      atMs: 0,
    },
    unsettled,
    revision: 2,
    replacedJobs: [],
  };
}

/** The files that a refresh would send. */
async function sent(asked: RefreshInput): Promise<readonly string[]> {
  const { now, baseline } = await planInputs(store, asked, noAbort);
  return compareManifests(now, baseline).unlike.map(({ name }) => name);
}

test('what changed is put on the latest good snapshot', async () => {
  const latest = await snapshot({ a: 'a0', b: 'b0' });
  expect(await sent(input(await changes({ b: 'b1' }), { latest }))).toEqual(['b']);
});

test('changes alone are refused where a failed refresh brought other content of a file that they leave out', async () => {
  const latest = await snapshot({ a: 'a0', b: 'b0' });
  const failed = await snapshot({ a: 'a1', b: 'b0' });
  const later = input(await changes({ b: 'b1' }), { latest, unsettled: [failed] });
  await expect(sent(later)).rejects.toThrow(
    'a refresh since the last good one may have brought other content of a: refresh once with all files',
  );
  const removing = await changes({}, ['a']);
  await expect(
    sent(input(await changes({ b: 'b1' }), { latest, unsettled: [removing] })),
  ).rejects.toThrow('other content of a');
  await expect(
    sent(input(await changes({ b: 'b1' }), { latest, unsettled: 'all' })),
  ).rejects.toThrow('refresh once with all files');
});

test('changes that name every file that failed refreshes had otherwise are taken', async () => {
  const latest = await snapshot({ a: 'a0', b: 'b0', c: 'c0' });
  const unsettled = [await changes({ a: 'a1' }, ['c'])];
  const again = await changes({ a: 'a1', b: 'b1' }, ['c']);
  expect(await sent(input(again, { latest, unsettled }))).toEqual(['a', 'b']);
});

test('all files are taken, and sent, where what a failed refresh changed has lost its footing', async () => {
  const unsettled = [await changes({ a: 'a1' })];
  const all = await snapshot({ a: 'a1', b: 'b0' });
  expect(await sent(input(all, { unsettled }))).toEqual(['a', 'b']);
  const latest = await snapshot({ a: 'a0', b: 'b0' });
  await store.remove(latest.artifact.uri.replace('artifact:', ''), noAbort);
  expect(await sent(input(all, { latest, unsettled }))).toEqual(['a', 'b']);
});

test('changes alone are refused where there is nothing to put them on', async () => {
  await expect(sent(input(await changes({ a: 'a1' }), {}))).rejects.toThrow(
    'refresh it once with all files',
  );
});
