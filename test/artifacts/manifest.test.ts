import { readManifest, writeManifest } from '../../src/artifacts/manifest';
import type { FolderArtifactStore } from '../../src/artifacts/folder-store';
import type { ManifestFile, ManifestRef } from '../../src/contracts/chain';
import { bodyOf, makeStore, noAbort, readText } from './support';

function file(name: string, digit = 'a'): ManifestFile {
  const sha256 = digit.repeat(64);
  return {
    name,
    artifact: { uri: `artifact:inputs/${sha256}`, format: 'sql', sizeBytes: 8, sha256 },
  };
}

/** A reference to a text that is stored in place of a manifest. */
async function forged(store: FolderArtifactStore, text: string, files = 1): Promise<ManifestRef> {
  const artifact = await store.putByHash(bodyOf(text), { format: 'json', signal: noAbort });
  return { artifact, files, sizeBytes: 8 };
}

test('a manifest reads as it was written, sorted by name', async () => {
  const store = await makeStore();
  const ref = await writeManifest(store, [file('b.sql'), file('a/x.sql', 'b')], noAbort);
  expect(ref).toMatchObject({ files: 2, sizeBytes: 16 });
  expect(ref).not.toHaveProperty('partial');
  expect(await readManifest(store, ref, noAbort)).toEqual({
    version: 1,
    files: [file('a/x.sql', 'b'), file('b.sql')],
  });
});

test('the same files make the same manifest in any order, whatever else their references tell', async () => {
  const store = await makeStore();
  const [a, b] = [file('a.sql'), file('Z.sql', 'b')];
  const once = await writeManifest(store, [a, b], noAbort);
  const told = { ...a, artifact: { ...a.artifact, rows: 3 } };
  expect(await writeManifest(store, [b, told], noAbort)).toEqual(once);
});

test('a partial manifest tells what was removed, and since when', async () => {
  const store = await makeStore();
  const partial = { since: 'f'.repeat(40), removed: ['z.sql', 'old/a.sql'] };
  const ref = await writeManifest(store, [], noAbort, partial);
  expect(ref).toMatchObject({ files: 0, sizeBytes: 0, partial: true });
  const manifest = await readManifest(store, ref, noAbort);
  expect(manifest.partial).toEqual({ ...partial, removed: ['old/a.sql', 'z.sql'] });
});

test('a manifest has a line a file, for people who compare two', async () => {
  const store = await makeStore();
  const files = Array.from({ length: 1201 }, (_, index) => file(`${index}.sql`));
  const ref = await writeManifest(store, files, noAbort);
  const text = await readText(store, `inputs/${ref.artifact.sha256}`);
  expect(text.split('\n').filter((line) => line.includes('"name"'))).toHaveLength(1201);
  expect((await readManifest(store, ref, noAbort)).files).toHaveLength(1201);
});

test('two files of one name make no manifest', async () => {
  const store = await makeStore();
  await expect(writeManifest(store, [file('a.sql'), file('a.sql', 'b')], noAbort)).rejects.toThrow(
    'names "a.sql" twice',
  );
});

test.each([
  ['no JSON', 'select 1', 'is no manifest'],
  ['JSON of another kind', '[]', 'is no manifest'],
  ['a later version', '{"version":2,"files":[]}', 'is no manifest'],
  [
    'a name that leads out',
    JSON.stringify({ version: 1, files: [file('../x.sql')] }),
    '"." or ".." segment',
  ],
  [
    'a file without its hash',
    '{"version":1,"files":[{"name":"x.sql","artifact":{"uri":"artifact:x"}}]}',
    'without its size, hash',
  ],
  ['a file that is none', '{"version":1,"files":[null]}', 'what is no file'],
  [
    'names out of order',
    JSON.stringify({ version: 1, files: [file('b'), file('a')] }),
    'out of order',
  ],
  [
    'another number of files',
    JSON.stringify({ version: 1, files: [file('a'), file('b')] }),
    'has not the 1 files',
  ],
  [
    'a removed name that leads out',
    '{"version":1,"files":[],"partial":{"since":"x","removed":["/etc"]}}',
    'removes "/etc"',
  ],
  [
    'a partial one without its revision',
    '{"version":1,"files":[],"partial":{"removed":[]}}',
    'what was removed since when',
  ],
])('%s is not read as a manifest', async (_, text, mistake) => {
  const store = await makeStore();
  await expect(readManifest(store, await forged(store, text), noAbort)).rejects.toMatchObject({
    code: 'Artifacts.Damaged',
    message: expect.stringContaining(mistake),
  });
});

test('what lies under the reference but is not what was stored is refused', async () => {
  const store = await makeStore();
  const ref = await writeManifest(store, [file('a.sql')], noAbort);
  const other = await writeManifest(store, [file('b.sql')], noAbort);
  const swapped = { ...ref, artifact: { ...ref.artifact, uri: other.artifact.uri } };
  await expect(readManifest(store, swapped, noAbort)).rejects.toThrow('its hash differs');
  const shorter = { ...ref, artifact: { ...ref.artifact, sizeBytes: 10 } };
  await expect(readManifest(store, shorter, noAbort)).rejects.toThrow(
    'longer than what was stored',
  );
  const huge = { ...ref, artifact: { ...ref.artifact, sizeBytes: 2 ** 40 } };
  await expect(readManifest(store, huge, noAbort)).rejects.toThrow('more than the 268435456');
});
