import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ArtifactError, ArtifactNotFoundError } from '../../src/artifacts/errors';
import { bodyOf, leftovers, makeAnyStore, noAbort, readText, sameStore } from './support';

/** What every store promises: a folder in `npm test`, a bucket in `npm run test:s3`. */

const asText = { format: 'text', signal: noAbort } as const;

describe('what is put is what is read', () => {
  it('answers a reference with size, hash and format', async () => {
    const store = await makeAnyStore();
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
    expect(await leftovers(store)).toEqual([]);
  });

  it('stores an empty body', async () => {
    const store = await makeAnyStore();
    expect((await store.put('empty', bodyOf(), asText)).sizeBytes).toBe(0);
    expect(await readText(store, 'empty')).toBe('');
  });

  it('takes rows and columns into the reference once the body has ended', async () => {
    const store = await makeAnyStore();
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
    const store = await makeAnyStore();
    await store.put('k', bodyOf('old'), asText);
    const reader = await store.open('artifact:k', noAbort);
    await store.put('k', bodyOf('new'), asText);
    expect((await buffer(reader)).toString()).toBe('old');
    expect(await readText(store, 'k')).toBe('new');
  });

  it('lets many writers of one key race, and keeps one of them whole', async () => {
    const store = await makeAnyStore();
    const other = await sameStore(store);
    const texts = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(50_000));
    await Promise.all(
      texts.map((one, index) => (index % 2 ? store : other).put('same', bodyOf(one), asText)),
    );
    expect(texts).toContain(await readText(store, 'same'));
    expect(await leftovers(store)).toEqual([]);
  });

  it('stores the same input once, under its hash', async () => {
    const store = await makeAnyStore();
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
    const store = await makeAnyStore();
    const failure = Object.assign(new Error('the source is gone'), { code: 'ENOENT' });
    async function* body() {
      yield 'half';
      throw failure;
    }
    await expect(store.put('k', body(), asText)).rejects.toBe(failure);
    expect(await store.list('', noAbort)).toEqual([]);
    expect(await leftovers(store)).toEqual([]);
  });

  it('leaves the old artifact when a replacement throws', async () => {
    const store = await makeAnyStore();
    await store.put('k', bodyOf('old'), asText);
    const broken = Readable.from(bodyOf('new'));
    broken.destroy(new Error('reset'));
    await expect(store.put('k', broken, asText)).rejects.toThrow('reset');
    expect(await readText(store, 'k')).toBe('old');
  });

  it('is left at once on abort, even while it hangs, and is closed', async () => {
    const store = await makeAnyStore();
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const hanging = new Readable({ read: () => undefined });
    hanging.push('begun');
    const put = store.put('k', hanging, { format: 'text', signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await expect(put).rejects.toBe(reason);
    expect(hanging.destroyed).toBe(true);
    expect(await store.list('', noAbort)).toEqual([]);
    expect(await leftovers(store)).toEqual([]);
  });

  it('is not begun when the signal is aborted already', async () => {
    const store = await makeAnyStore();
    const reason = new Error('cancelled');
    const options = { format: 'text', signal: AbortSignal.abort(reason) } as const;
    await expect(store.put('k', bodyOf('x'), options)).rejects.toBe(reason);
    await expect(store.open('artifact:k', options.signal)).rejects.toBe(reason);
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
    const store = await makeAnyStore();
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
    const store = await makeAnyStore();
    await expect(store.list('../', noAbort)).rejects.toMatchObject({ code: 'Artifacts.BadKey' });
  });
});

describe('list and remove', () => {
  it('lists keys under a prefix, sorted, and nothing for one that holds none', async () => {
    const store = await makeAnyStore();
    for (const key of ['a/2', 'a/10', 'a/b/1', 'ab', 'c'])
      await store.put(key, bodyOf('x'), asText);
    expect(await store.list('a/', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1']);
    expect(await store.list('a', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1', 'ab']);
    expect(await store.list('', noAbort)).toEqual(['a/10', 'a/2', 'a/b/1', 'ab', 'c']);
    expect(await store.list('missing/', noAbort)).toEqual([]);
  });

  it('removes an artifact, and does not mind a missing one', async () => {
    const store = await makeAnyStore();
    await store.put('a/b', bodyOf('x'), asText);
    await store.remove('a/b', noAbort);
    await store.remove('a/b', noAbort);
    await store.remove('never/was', noAbort);
    await expect(store.open('artifact:a/b', noAbort)).rejects.toBeInstanceOf(ArtifactNotFoundError);
    expect(await store.find('a/b', 'text', noAbort)).toBeUndefined();
  });

  it('removes a folder with all that is in it, and nothing beside it', async () => {
    const store = await makeAnyStore();
    for (const key of ['a/7/x', 'a/7/b/y', 'a/70/x', 'a/7x']) {
      await store.put(key, bodyOf('x'), asText);
    }
    await store.removeFolder('a/7', noAbort);
    await store.removeFolder('a/7', noAbort);
    await store.removeFolder('never/was', noAbort);
    expect(await store.list('', noAbort)).toEqual(['a/70/x', 'a/7x']);
  });

  it('takes a folder for no artifact', async () => {
    const store = await makeAnyStore();
    await store.put('a/b', bodyOf('x'), asText);
    await expect(store.open('artifact:a', noAbort)).rejects.toBeInstanceOf(ArtifactNotFoundError);
    await expect(store.open('artifact:a/b/c', noAbort)).rejects.toBeInstanceOf(
      ArtifactNotFoundError,
    );
  });
});
