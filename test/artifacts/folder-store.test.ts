import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ArtifactError, ArtifactNotFoundError } from '../../src/artifacts/errors';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { bodyOf, makeFolder, makeStore, noAbort, readText } from './support';

const asText = { format: 'text', signal: noAbort } as const;

async function unfinished(store: FolderArtifactStore): Promise<string[]> {
  return readdir(path.join(store.root, '.unfinished'));
}

describe('what is put is what is read', () => {
  it('answers a reference with size, hash and format', async () => {
    const store = await makeStore();
    const ref = await store.put('jobs/1/log.txt', bodyOf('Zürich ', Buffer.from('☂\n')), asText);
    const bytes = Buffer.from('Zürich ☂\n');
    expect(ref).toEqual({
      uri: 'artifact:jobs/1/log.txt',
      format: 'text',
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(await buffer(await store.open(ref.uri, noAbort))).toEqual(bytes);
    expect(await store.find('jobs/1/log.txt', 'text', noAbort)).toEqual(ref);
    expect(await unfinished(store)).toEqual([]);
  });

  it('stores an empty body', async () => {
    const store = await makeStore();
    expect((await store.put('empty', bodyOf(), asText)).sizeBytes).toBe(0);
    expect(await readText(store, 'empty')).toBe('');
  });

  it('takes rows and columns into the reference once the body has ended', async () => {
    const store = await makeStore();
    let rows = 0;
    async function* body() {
      rows = 7;
      yield 'a';
    }
    const table = () => ({ rows, columns: ['a'] });
    const ref = await store.put('t.csv', body(), { format: 'csv', signal: noAbort, table });
    expect(ref).toMatchObject({ format: 'csv', rows: 7, columns: ['a'] });
  });

  it('replaces an artifact, while a reader that has it open goes on with the old one', async () => {
    const store = await makeStore();
    await store.put('k', bodyOf('old'), asText);
    const reader = await store.open('artifact:k', noAbort);
    await store.put('k', bodyOf('new'), asText);
    expect((await buffer(reader)).toString()).toBe('old');
    expect(await readText(store, 'k')).toBe('new');
  });

  it('lets many writers of one key race, and keeps one of them whole', async () => {
    const store = await makeStore();
    const other = new FolderArtifactStore({ root: store.root });
    const texts = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(50_000));
    await Promise.all(
      texts.map((one, index) => (index % 2 ? store : other).put('same', bodyOf(one), asText)),
    );
    expect(texts).toContain(await readText(store, 'same'));
    expect(await unfinished(store)).toEqual([]);
  });

  it('stores the same input once, under its hash', async () => {
    const store = await makeStore();
    const [first, second] = await Promise.all(
      ['select 1', 'select 1'].map((sql) =>
        store.putByHash(bodyOf(sql), { format: 'sql', signal: noAbort }),
      ),
    );
    expect(second).toEqual(first);
    expect(await store.list('inputs/', noAbort)).toEqual([`inputs/${first?.sha256}`]);
  });
});

describe('a body that does not end well', () => {
  it('leaves nothing when it throws, and its own error comes out', async () => {
    const store = await makeStore();
    const failure = Object.assign(new Error('the source is gone'), { code: 'ENOENT' });
    async function* body() {
      yield 'half';
      throw failure;
    }
    await expect(store.put('k', body(), asText)).rejects.toBe(failure);
    expect(await store.list('', noAbort)).toEqual([]);
    expect(await unfinished(store)).toEqual([]);
  });

  it('leaves the old artifact when a replacement throws', async () => {
    const store = await makeStore();
    await store.put('k', bodyOf('old'), asText);
    const broken = Readable.from(bodyOf('new'));
    broken.destroy(new Error('reset'));
    await expect(store.put('k', broken, asText)).rejects.toThrow('reset');
    expect(await readText(store, 'k')).toBe('old');
  });

  it('is left at once on abort, even while it hangs, and is closed', async () => {
    const store = await makeStore();
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const hanging = new Readable({ read: () => undefined });
    hanging.push('begun');
    const put = store.put('k', hanging, { format: 'text', signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await expect(put).rejects.toBe(reason);
    expect(hanging.destroyed).toBe(true);
    expect(await store.list('', noAbort)).toEqual([]);
    expect(await unfinished(store)).toEqual([]);
  });

  it('is not begun when the signal is aborted already', async () => {
    const store = await makeStore();
    const reason = new Error('cancelled');
    const options = { format: 'text', signal: AbortSignal.abort(reason) } as const;
    await expect(store.put('k', bodyOf('x'), options)).rejects.toBe(reason);
    await expect(store.open('artifact:k', options.signal)).rejects.toBe(reason);
  });
});

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

describe('keys', () => {
  it.each(
    [
      ['', 'is empty'],
      ['../x', '".."'],
      ['a/../../x', '".."'],
      ['a/./x', '".."'],
      ['a//x', 'empty segment'],
      ['a/', 'empty segment'],
      ['/etc/passwd', 'is absolute'],
      ['C:/x', 'is absolute'],
      ['a\\..\\x', 'backslash'],
      ['a\0b', 'control character'],
      ['a\nb', 'control character'],
      ['.unfinished/x', 'unfinished'],
      ['x'.repeat(256), '255 bytes'],
      ['x/'.repeat(2000) + 'x', '2048 bytes'],
    ].map(([key = '', why]) => [key.slice(0, 30), why, key]),
  )('refuses %j in every call', async (_, why, key) => {
    const store = await makeStore();
    await store.put('k', bodyOf('x'), asText);
    for (const call of [
      store.put(key, bodyOf('x'), asText),
      store.open(`artifact:${key}`, noAbort),
      store.find(key, 'text', noAbort),
      store.remove(key, noAbort),
      store.removeFolder(key, noAbort),
    ]) {
      const error = await call.then(
        () => undefined,
        (rejected: unknown) => rejected,
      );
      expect(error).toBeInstanceOf(ArtifactError);
      expect(error).toMatchObject({ code: 'Artifacts.BadKey' });
      expect((error as Error).message).toContain(why);
    }
    expect(await store.list('', noAbort)).toEqual(['k']);
  });

  it('refuses a list outside the store', async () => {
    const store = await makeStore();
    await expect(store.list('../', noAbort)).rejects.toMatchObject({ code: 'Artifacts.BadKey' });
  });

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

describe('list and remove', () => {
  it('lists keys under a prefix, sorted, and nothing for one that holds none', async () => {
    const store = await makeStore();
    for (const key of ['a/2', 'a/10', 'a/b/1', 'ab', 'c'])
      await store.put(key, bodyOf('x'), asText);
    expect(await store.list('a/', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1']);
    expect(await store.list('a', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1', 'ab']);
    expect(await store.list('', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1', 'ab', 'c']);
    expect(await store.list('missing/', noAbort)).toEqual([]);
  });

  it('removes an artifact, and does not mind a missing one', async () => {
    const store = await makeStore();
    await store.put('a/b', bodyOf('x'), asText);
    await store.remove('a/b', noAbort);
    await store.remove('a/b', noAbort);
    await store.remove('never/was', noAbort);
    await expect(store.open('artifact:a/b', noAbort)).rejects.toBeInstanceOf(ArtifactNotFoundError);
    expect(await store.find('a/b', 'text', noAbort)).toBeUndefined();
  });

  it('removes a folder with all that is in it, and nothing beside it', async () => {
    const store = await makeStore();
    for (const key of ['a/7/x', 'a/7/b/y', 'a/70/x', 'a/7x']) {
      await store.put(key, bodyOf('x'), asText);
    }
    await store.removeFolder('a/7', noAbort);
    await store.removeFolder('a/7', noAbort);
    await store.removeFolder('never/was', noAbort);
    expect(await store.list('', noAbort)).toEqual(['a/70/x', 'a/7x']);
    expect((await readdir(path.join(store.root, 'a'))).sort()).toEqual(['70', '7x']);
  });

  it('takes a folder for no artifact', async () => {
    const store = await makeStore();
    await store.put('a/b', bodyOf('x'), asText);
    await expect(store.open('artifact:a', noAbort)).rejects.toBeInstanceOf(ArtifactNotFoundError);
    await expect(store.open('artifact:a/b/c', noAbort)).rejects.toBeInstanceOf(
      ArtifactNotFoundError,
    );
  });
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
