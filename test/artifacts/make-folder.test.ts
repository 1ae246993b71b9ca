import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolder } from '../../src/artifacts/make-folder';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a folder is made with those above it, and the topmost new one is told', async () => {
  expect(await makeFolder(path.join(root, 'a/b/c'))).toBe(path.join(root, 'a'));
  expect((await stat(path.join(root, 'a/b/c'))).isDirectory()).toBe(true);
  expect(await makeFolder(path.join(root, 'a/b/c'))).toBeUndefined();
  expect(await makeFolder(path.join(root, 'a/b/d'))).toBe(path.join(root, 'a/b/d'));
});

test('writers that need the same missing folders at once all get them', async () => {
  for (let round = 0; round < 50; round++) {
    const names = Array.from({ length: 8 }, (_, index) => `${round}/jobs/sub/${index % 4}`);
    await Promise.all(names.map((name) => makeFolder(path.join(root, name))));
    for (const name of names) expect((await stat(path.join(root, name))).isDirectory()).toBe(true);
  }
});

test('a file in the way is an error', async () => {
  await writeFile(path.join(root, 'file'), '');
  await expect(makeFolder(path.join(root, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolder(path.join(root, 'file/below'))).rejects.toThrow('ENOTDIR');
});

test('a file system that takes no folder is an error, not an endless loop', async () => {
  // Linux answers ENOENT there; where there is no /proc, the root folder refuses one.
  await expect(makeFolder('/proc/remote-jobs/results')).rejects.toThrow(/ENOENT|EACCES|EROFS/);
});
