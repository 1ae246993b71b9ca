import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import type { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { packFiles } from '../../src/artifacts/pack-files';
import type { StagedFile } from '../../src/contracts/artifact';
import type { ManifestFile } from '../../src/contracts/chain';
import { bodyOf, makeStore, noAbort, zipOf } from './support';

async function stored(
  store: FolderArtifactStore,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<ManifestFile[]> {
  const staged: ManifestFile[] = [];
  for (const [name, content] of Object.entries(files)) {
    const format = name.endsWith('.zip') ? 'zip' : 'sql';
    const artifact = await store.putByHash(bodyOf(content), { format, signal: noAbort });
    staged.push({ name, artifact });
  }
  return staged;
}

async function entriesOf(store: FolderArtifactStore, upload: StagedFile | undefined) {
  const bytes = await buffer(await store.open(upload?.artifact.uri ?? '', noAbort));
  expect(bytes).toHaveLength(upload?.artifact.sizeBytes ?? -1);
  const zip = await yauzl.fromBufferPromise(bytes);
  const entries: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(entry));
    entries[entry.fileName] = content.toString();
  }
  return entries;
}

const options = { name: 'nightly', maxBytes: 200 * 2 ** 20, signal: noAbort };

/** Text that deflate can do nothing with. */
const noise = (bytes: number) => randomBytes(bytes);

test('equal names in different folders stay apart in one zip', async () => {
  const store = await makeStore();
  const files = await stored(store, { 'b/x.sql': 'select 2', 'a/x.sql': 'select 1' });
  const parts = await packFiles(store, files, options);
  expect(parts).toHaveLength(1);
  expect(parts[0]).toHaveLength(1);
  expect(parts[0]?.[0]?.name).toMatch(/^nightly-[0-9a-f]{12}\.zip$/);
  expect(await entriesOf(store, parts[0]?.[0])).toEqual({
    'a/x.sql': 'select 1',
    'b/x.sql': 'select 2',
  });
});

test('the same files make the same zip whatever their order, other files one of another name', async () => {
  const store = await makeStore();
  const files = await stored(store, { 'a.sql': 'select 1', 'b.sql': 'select 2' });
  const [once] = await packFiles(store, files, options);
  const [again] = await packFiles(store, [...files].reverse(), options);
  expect(again).toEqual(once);
  const [other] = await packFiles(store, await stored(store, { 'a.sql': 'select 3' }), options);
  expect(other?.[0]?.name).not.toBe(once?.[0]?.name);
});

test('a zip that was given, and what no service looks for in a zip, go beside it as they are', async () => {
  const store = await makeStore();
  const files = await stored(store, {
    'a.sql': 'select 1',
    'old/all.zip': await zipOf({ 'z.sql': 'select 26' }),
    'odd.script': 'select 5',
  });
  const [uploads] = await packFiles(store, files, options);
  expect(uploads?.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^nightly-/),
    'odd.script',
    'old/all.zip',
  ]);
  expect(await entriesOf(store, uploads?.[0])).toEqual({ 'a.sql': 'select 1' });
});

test('no files make no submit', async () => {
  expect(await packFiles(await makeStore(), [], options)).toEqual([]);
});

test('what is beyond the limit is split, and every part stays below it', async () => {
  const store = await makeStore();
  const names = Array.from({ length: 20 }, (_, index) => `${index + 10}.sql`);
  const files = await stored(store, Object.fromEntries(names.map((name) => [name, noise(900)])));
  const parts = await packFiles(store, files, { ...options, maxBytes: 5000 });
  expect(parts.length).toBeGreaterThan(3);
  const seen: string[] = [];
  for (const part of parts) {
    const bytes = part.reduce((sum, { artifact }) => sum + artifact.sizeBytes, 0);
    expect(bytes).toBeLessThan(5000);
    seen.push(...Object.keys(await entriesOf(store, part[0])));
  }
  expect(seen).toEqual(names);
});

test('text that fits once it is packed is not split', async () => {
  const store = await makeStore();
  const lines = 'select a, b, c from warehouse.orders;\n'.repeat(2000);
  const files = await stored(store, { 'a.sql': lines, 'b.sql': `${lines}-- b` });
  const parts = await packFiles(store, files, { ...options, maxBytes: 20_000 });
  expect(parts).toHaveLength(1);
  expect(parts[0]?.[0]?.artifact.sizeBytes).toBeLessThan(20_000);
});

test('a zip beside the packed files counts for the limit too', async () => {
  const store = await makeStore();
  const zip = await zipOf({ 'z.sql': noise(3000) });
  const files = await stored(store, { 'a.sql': noise(3000), 'b.zip': zip });
  const parts = await packFiles(store, files, { ...options, maxBytes: 5000 });
  expect(parts.map((part) => part.map(({ name }) => name))).toEqual([
    [expect.stringMatching(/^nightly-/)],
    ['b.zip'],
  ]);
});

test('one file beyond the limit is named, with the limit and what to do', async () => {
  const store = await makeStore();
  const files = await stored(store, { 'a.sql': 'select 1', 'dump/big.sql': noise(9000) });
  await expect(packFiles(store, files, { ...options, maxBytes: 5000 })).rejects.toThrow(
    /dump\/big\.sql, which is \d+ bytes .* 5000 of one submit: split the file, or raise the connection's maxUploadBytes/,
  );
});

test('a stored file that was damaged since is not sent', async () => {
  const store = await makeStore();
  const files = await stored(store, { 'a.sql': 'select 1' });
  const stale = path.join(store.root, 'inputs', files[0]?.artifact.sha256 ?? '');
  await rm(stale);
  await writeFile(stale, 'select 2');
  await expect(packFiles(store, files, options)).rejects.toMatchObject({
    code: 'Artifacts.Damaged',
  });
  await rm(stale);
  await expect(packFiles(store, files, options)).rejects.toMatchObject({
    code: 'Artifacts.NotFound',
  });
});

test('packing can be given up', async () => {
  const store = await makeStore();
  const files = await stored(store, { 'a.sql': 'select 1' });
  const abort = new AbortController();
  abort.abort(new Error('no longer wanted'));
  await expect(packFiles(store, files, { ...options, signal: abort.signal })).rejects.toThrow(
    'no longer wanted',
  );
});
