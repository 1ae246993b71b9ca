import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { bodyOf, makeFolder, makeStore, noAbort, readText } from './support';

const asText = { format: 'text', signal: noAbort } as const;

async function unfinished(store: FolderArtifactStore): Promise<string[]> {
  return readdir(path.join(store.root, '.unfinished'));
}

describe('leftovers of crashed writers', () => {
  it('are never listed; old ones are removed, young ones may belong to a living writer', async () => {
    const root = await makeFolder();
    const folder = path.join(root, '.unfinished');
    await mkdir(folder);
    await writeFile(path.join(folder, 'old'), 'half');
    await writeFile(path.join(folder, 'young'), 'half');
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(path.join(folder, 'old'), longAgo, longAgo);

    const store = new FolderArtifactStore({ root });
    await store.put('k', bodyOf('x'), asText);
    expect(await unfinished(store)).toEqual(['young']);
    expect(await store.list('', noAbort)).toEqual(['k']);
  });
});

describe('symbolic links', () => {
  it('never follows a symbolic link out of the store', async () => {
    const store = await makeStore();
    const outside = await makeFolder();
    await writeFile(path.join(outside, 'secret'), 'secret');
    await symlink(outside, path.join(store.root, 'folder'));
    await symlink(path.join(outside, 'secret'), path.join(store.root, 'file'));

    const refused = { code: 'Artifacts.BadKey', message: expect.stringContaining('symbolic link') };
    await expect(store.put('folder/new/x', bodyOf('x'), asText)).rejects.toMatchObject(refused);
    await expect(store.open('artifact:folder/secret', noAbort)).rejects.toMatchObject(refused);
    await expect(store.open('artifact:file', noAbort)).rejects.toMatchObject(refused);
    await expect(store.remove('folder/secret', noAbort)).rejects.toMatchObject(refused);
    await expect(store.removeFolder('folder/inside', noAbort)).rejects.toMatchObject(refused);
    expect(await store.list('', noAbort)).toEqual([]);
    // The link goes, and not what it leads to.
    await store.removeFolder('folder', noAbort);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(existsSync(path.join(outside, 'secret'))).toBe(true);
  });

  it('may lie under a root that is itself reached by a link', async () => {
    const real = await makeFolder();
    const link = path.join(await makeFolder(), 'link');
    await symlink(real, link);
    const store = new FolderArtifactStore({ root: link });
    await store.put('a/b', bodyOf('x'), asText);
    expect(await readText(store, 'a/b')).toBe('x');
    expect(await store.list('a/', noAbort)).toEqual(['a/b']);
  });
});

it('leaves no empty folder where one was removed', async () => {
  const store = await makeStore();
  for (const key of ['a/7/x', 'a/70/x', 'a/7x']) await store.put(key, bodyOf('x'), asText);
  await store.removeFolder('a/7', noAbort);
  expect((await readdir(path.join(store.root, 'a'))).sort()).toEqual(['70', '7x']);
});

describe('a root that cannot be used', () => {
  it('is named in one sentence, with what to do', async () => {
    const file = path.join(await makeFolder(), 'file');
    await writeFile(file, 'x');
    for (const root of [file, path.join(file, 'below')]) {
      const store = new FolderArtifactStore({ root });
      for (const call of [store.put('k', bodyOf('x'), asText), store.check(noAbort)]) {
        const error = await call.then(
          () => undefined,
          (rejected: unknown) => rejected as Error,
        );
        expect(error).toMatchObject({ code: 'Artifacts.NotWritable' });
        expect(error?.message).toContain(root);
        expect(error?.message).toContain('artifacts.folder');
        expect(error?.message).not.toContain('\n');
      }
    }
  });

  it('is made when it is missing', async () => {
    const root = path.join(await makeFolder(), 'not', 'yet');
    const store = new FolderArtifactStore({ root });
    expect(await store.list('', noAbort)).toEqual([]);
    await store.check(noAbort);
    await store.put('k', bodyOf('x'), asText);
    expect(await store.list('', noAbort)).toEqual(['k']);
  });

  it('says so when a folder stands where the artifact should go', async () => {
    const store = await makeStore();
    await store.put('a/b', bodyOf('x'), asText);
    await expect(store.put('a', bodyOf('x'), asText)).rejects.toMatchObject({
      code: 'Artifacts.NotWritable',
    });
    await expect(store.put('a/b/c', bodyOf('x'), asText)).rejects.toMatchObject({
      code: 'Artifacts.NotWritable',
    });
    expect(await unfinished(store)).toEqual([]);
  });

  it('is refused when it is blank', () => {
    expect(() => new FolderArtifactStore({ root: ' ' })).toThrow('artifacts.folder');
  });
});
