import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3ArtifactStore, S3ArtifactStoreOptions } from '../../src/artifacts/s3-store';
import { hashBody } from '../../src/artifacts/unfinished';
import { installationIn } from '../../src/plugin/open-store';
import { bodyOf, noAbort } from '../artifacts/support';
import { until } from '../support/until';
import { bucketKeys, bucketName, testBucket, type TestBucket } from './bucket';

const asText = { format: 'text', signal: noAbort } as const;
const mebibyte = 2 ** 20;

const bucket = testBucket() as TestBucket;
const stores: S3ArtifactStore[] = [];
const proxies: Proxy[] = [];

function makeStore(options?: Partial<S3ArtifactStoreOptions>): S3ArtifactStore {
  const store = bucket.store(options);
  stores.push(store);
  return store;
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const proxy of proxies.splice(0)) await proxy.stop();
});

/** Bytes that no two parts of which are alike; tells how many were asked for. */
class Long {
  readonly hash = createHash('sha256');
  given = 0;

  constructor(
    readonly sizeBytes: number,
    private readonly after: () => unknown = () => undefined,
  ) {}

  async *body(): AsyncGenerator<Uint8Array> {
    while (this.given < this.sizeBytes) {
      const piece = randomBytes(Math.min(mebibyte - 7, this.sizeBytes - this.given));
      this.given += piece.length;
      this.hash.update(piece);
      yield piece;
    }
    await this.after();
  }
}

async function refused(call: Promise<unknown>): Promise<Error & { code?: string }> {
  return call.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: Error) => error,
  );
}

describe('a body of many parts', () => {
  it('is stored whole, and hashed on its way', async () => {
    const store = makeStore();
    const long = new Long(27 * mebibyte + 1);
    const ref = await store.put('long', long.body(), { format: 'binary', signal: noAbort });
    expect(ref).toMatchObject({ sizeBytes: long.sizeBytes, sha256: long.hash.digest('hex') });
    expect(await hashBody(await store.open(ref.uri, noAbort))).toEqual({
      sizeBytes: ref.sizeBytes,
      sha256: ref.sha256,
    });
    expect(await store.find('long', 'binary', noAbort)).toEqual(ref);
  });

  it('leaves nothing when it throws, and its own error comes out', async () => {
    const store = makeStore();
    const failure = new Error('the source is gone');
    const long = new Long(20 * mebibyte, () => {
      throw failure;
    });
    await expect(store.put('k', long.body(), asText)).rejects.toBe(failure);
    expect(await store.list('', noAbort)).toEqual([]);
    expect(await bucket.uploads(store)).toEqual([]);
  });

  it('leaves nothing when it is aborted while it hangs', async () => {
    const store = makeStore();
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const long = new Long(20 * mebibyte, () => new Promise(() => undefined));
    const put = store.put('k', long.body(), { format: 'text', signal: abort.signal });
    await until(async () => (await bucket.uploads(store)).length > 0);
    abort.abort(reason);
    await expect(put).rejects.toBe(reason);
    await until(async () => (await bucket.uploads(store)).length === 0);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it.each([
    ['part', /^PUT .*partNumber=/m],
    ['last request', /^POST .*uploadId=/m],
  ])('does not appear later where it is aborted while a %s hangs', async (_, held) => {
    const store = makeStore();
    const proxy = await Proxy.start(bucket.endpoint, { hold: held });
    const behind = makeStore({ endpoint: proxy.url, prefix: prefixOf(store) });
    const abort = new AbortController();
    const put = behind.put('k', new Long(9 * mebibyte).body(), {
      format: 'text',
      signal: abort.signal,
    });
    const outcome = refused(put);
    await until(() => Promise.resolve(proxy.isHolding));
    abort.abort(new Error('cancelled'));
    expect((await outcome).message).toBe('cancelled');
    proxy.release();
    await until(async () => (await bucket.uploads(store)).length === 0);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('is read no faster than it is sent', async () => {
    const store = makeStore();
    const proxy = await Proxy.start(bucket.endpoint, { holdAfterBytes: 9 * mebibyte });
    const behind = makeStore({ endpoint: proxy.url, prefix: prefixOf(store) });
    const long = new Long(200 * mebibyte);
    const abort = new AbortController();
    const put = behind.put('k', long.body(), { format: 'binary', signal: abort.signal });
    put.catch(() => undefined);
    await until(() => Promise.resolve(proxy.isHolding));
    // Once nothing moves any more, what was read is what is held.
    let before = -1;
    await until(async () => {
      const isStill = before === long.given;
      before = long.given;
      return isStill;
    });
    expect(long.given).toBeLessThan(60 * mebibyte);
    abort.abort(new Error('enough'));
    await expect(put).rejects.toThrow('enough');
  });

  it('is stored once under its hash, by way of a file that does not stay', async () => {
    const store = makeStore();
    const content = randomBytes(11 * mebibyte);
    const mine = async () =>
      (await readdir(tmpdir())).filter((name) => /^remote-jobs-\w{6}$/.test(name));
    const before = await mine();
    const options = { format: 'zip', signal: noAbort } as const;
    const ref = await store.putByHash(Readable.from([content]), options);
    expect(ref.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(await store.findByHash(ref.sha256, 'zip', noAbort)).toEqual(ref);
    expect(await store.putByHash(Readable.from([content]), options)).toEqual(ref);
    expect(await store.list('inputs/', noAbort)).toEqual([`inputs/${ref.sha256}`]);
    expect((await mine()).filter((name) => !before.includes(name))).toEqual([]);
  });
});

describe('keys', () => {
  it('may hold what XML and URLs use', async () => {
    const store = makeStore();
    const keys = [
      ...['a b', 'a+b', 'a%2Fb', 'a&b', 'a<b>', 'a?b#c', 'a\'b"c', 'Zürich/☂', 'a=b;c', '~a!*()'],
      ...['日本語/テスト', '😀'],
    ];
    for (const key of keys) await store.put(key, bodyOf(key), asText);
    expect(await store.list('', noAbort)).toEqual([...keys].sort());
    for (const key of keys)
      expect(await text(await store.open(`artifact:${key}`, noAbort))).toBe(key);
    for (const key of keys) await store.remove(key, noAbort);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('are listed beyond a thousand, and removed as a folder', async () => {
    const store = makeStore();
    const keys = Array.from(
      { length: 1_003 },
      (_, index) => `chunks/${String(index).padStart(5, '0')}`,
    );
    const left = [...keys];
    const writing = Array.from({ length: 8 }, async () => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        await store.put(key, bodyOf('x'), asText);
      }
    });
    await Promise.all(writing);
    await store.put('chunks2', bodyOf('x'), asText);
    expect(await store.list('chunks/', noAbort)).toEqual(keys);
    await store.removeFolder('chunks', noAbort);
    expect(await store.list('', noAbort)).toEqual(['chunks2']);
  });

  it('of one prefix are not seen from another', async () => {
    const store = makeStore();
    await store.put('k', bodyOf('x'), asText);
    const beside = makeStore({ prefix: `${prefixOf(store)}-2` });
    await beside.put('k2', bodyOf('x'), asText);
    expect(await store.list('', noAbort)).toEqual(['k']);
    const below = makeStore({ prefix: `${prefixOf(store)}/` });
    expect(await below.list('', noAbort)).toEqual(['k']);
  });

  it('of inputs are believed only where their hash is kept with them', async () => {
    const store = makeStore();
    const sha256 = createHash('sha256').update('select 1').digest('hex');
    const client = await bucket.client();
    const Key = `${prefixOf(store)}/inputs/${sha256}`;
    await client.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'something else' }));
    client.destroy();
    expect(await store.findByHash(sha256, 'sql', noAbort)).toBeUndefined();
    await store.putByHash(bodyOf('select 1'), { format: 'sql', signal: noAbort });
    expect(await store.findByHash(sha256, 'sql', noAbort)).toMatchObject({ sizeBytes: 8 });
  });
});

describe('credentials that are rotated', () => {
  const old = { ...bucketKeys, secretAccessKey: 'an-old-secret-key' };

  it.each<[string, (store: S3ArtifactStore) => Promise<unknown>]>([
    ['a short put', (store) => store.put('k', bodyOf('x'), asText)],
    ['a long put', (store) => store.put('k', new Long(20 * mebibyte).body(), asText)],
    ['a list', (store) => store.list('', noAbort)],
    ['a look', (store) => store.find('none', 'text', noAbort)],
    ['a removal', (store) => store.remove('k', noAbort)],
  ])('are taken by the call that is refused with the old ones: %s', async (_, call) => {
    let asked = 0;
    const credentials = async () => ((asked += 1) === 1 ? old : bucketKeys);
    const store = makeStore({ credentials });
    await call(store);
    expect(asked).toBe(2);
  });

  it('are taken later too, where the new ones are there after the refusal', async () => {
    let now = old;
    const store = makeStore({ credentials: async () => now });
    const error = await refused(store.put('k', bodyOf('x'), asText));
    expect(error).toMatchObject({ code: 'Artifacts.NotWritable' });
    expect(error.message).not.toContain('old-secret');
    now = bucketKeys;
    await store.put('k', bodyOf('x'), asText);
    expect(await store.list('', noAbort)).toEqual(['k']);
  });

  it('are asked for again before anything is refused', async () => {
    let asked = 0;
    const credentials = async () => ((asked += 1), bucketKeys);
    const store = makeStore({ credentials });
    await store.list('', noAbort);
    const later = Date.now() + 61_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
    try {
      await store.list('', noAbort);
    } finally {
      clock.mockRestore();
    }
    expect(asked).toBe(2);
  });
});

describe('what is wrong is told in a sentence, with what to do and no secret', () => {
  const wrong = { accessKeyId: 'local-access', secretAccessKey: 'a-wrong-secret-key' };
  it.each<[string, Partial<S3ArtifactStoreOptions>, string, RegExp]>([
    [
      'a bucket that is not there',
      { bucket: 'none' },
      'Artifacts.NotWritable',
      /artifacts\.s3\.bucket/,
    ],
    [
      'a wrong secret',
      { credentials: async () => wrong },
      'Artifacts.NotWritable',
      /secret key is wrong/,
    ],
    [
      'an unknown key',
      { credentials: async () => ({ ...wrong, accessKeyId: 'nobody-knows-it' }) },
      'Artifacts.NotWritable',
      /access key/,
    ],
    [
      'nobody there',
      { endpoint: 'http://127.0.0.1:1' },
      'Artifacts.Unreachable',
      /ECONNREFUSED.*artifacts\.s3\.endpoint/,
    ],
    [
      'a name without an address',
      { endpoint: 'http://no-such-host.invalid' },
      'Artifacts.Unreachable',
      /artifacts\.s3\.endpoint/,
    ],
  ])('%s', async (_, options, code, words) => {
    const store = makeStore(options);
    for (const call of [
      () => store.put('k', bodyOf('x'), asText),
      () => store.open('artifact:k', noAbort),
      () => store.list('', noAbort),
      () => store.remove('k', noAbort),
      () => store.check(noAbort),
    ]) {
      const error = await refused(call());
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(words);
      expect(error.message).toContain('s3://');
      expect(error.message).not.toMatch(/\n|wrong-secret|nobody-knows/);
    }
  });

  it('a blank bucket', () => {
    expect(() => makeStore({ bucket: ' ' })).toThrow('artifacts.s3.bucket');
  });

  it('a prefix that would lead out of itself', () => {
    expect(() => makeStore({ prefix: '../x' })).toThrow('".."');
  });
});

describe('a connection that breaks', () => {
  it('while an artifact is read, fails the reading so that it is tried again', async () => {
    const store = makeStore();
    const long = new Long(6 * mebibyte);
    await store.put('long', long.body(), asText);
    const proxy = await Proxy.start(bucket.endpoint, { cutAfterBytes: 2 * mebibyte });
    const behind = makeStore({ endpoint: proxy.url, prefix: prefixOf(store) });
    const body = await behind.open('artifact:long', noAbort);
    expect(await refused(hashBody(body))).toMatchObject({ code: 'Artifacts.Unreachable' });
  });

  it('or is aborted, ends the reading at once', async () => {
    const store = makeStore();
    await store.put('long', new Long(6 * mebibyte).body(), asText);
    const abort = new AbortController();
    const body = await store.open('artifact:long', abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(text(body)).rejects.toThrow(/abort/i);
  });
});

describe('who shares a bucket', () => {
  it('shares the name that is drawn for the deployment, whoever draws it first', async () => {
    const first = makeStore();
    const all = Array.from({ length: 12 }, () => makeStore({ prefix: prefixOf(first) }));
    const names = await Promise.all(all.map((store) => installationIn(store)));
    expect(names[0]).toMatch(/^i-[0-9a-f]{10}$/);
    expect(new Set(names).size).toBe(1);
    expect(await installationIn(makeStore({ prefix: prefixOf(first) }))).toBe(names[0]);
    expect(await installationIn(makeStore())).not.toBe(names[0]);
  });

  it('may be checked by everybody at once', async () => {
    const first = makeStore();
    const all = Array.from({ length: 5 }, () => makeStore({ prefix: prefixOf(first) }));
    const skews = await Promise.all(all.map((store) => store.clockSkewMs(noAbort)));
    // The time of an object has whole seconds.
    for (const skewMs of skews) expect(Math.abs(skewMs)).toBeLessThan(60_000);
    expect(await first.list('', noAbort)).toEqual([]);
  });
});

function prefixOf(store: S3ArtifactStore): string {
  return store.place.slice(`s3://${bucketName}/`.length);
}

/** Between a store and its server, to spoil what passes. */
class Proxy {
  isHolding = false;
  private readonly held: (() => void)[] = [];

  private constructor(
    readonly url: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(
    endpoint: string,
    {
      cutAfterBytes = Infinity,
      holdAfterBytes = Infinity,
      /** Requests that begin so are kept back until they are released. */
      hold = /^$^/,
    },
  ): Promise<Proxy> {
    const { hostname, port } = new URL(endpoint);
    const sockets = new Set<{ destroy(): unknown }>();
    let sentBytes = 0;
    const server = createServer((inner) => {
      const outer = connect(Number(port), hostname);
      let answeredBytes = 0;
      inner.on('data', (chunk) => {
        if (!proxy.isHolding && hold.test(chunk.toString('latin1'))) {
          inner.pause();
          proxy.isHolding = true;
          proxy.held.push(() => {
            outer.write(chunk);
            inner.resume();
          });
          return;
        }
        sentBytes += chunk.length;
        outer.write(chunk);
        if (sentBytes < holdAfterBytes) return;
        inner.pause();
        proxy.isHolding = true;
      });
      outer.on('data', (chunk) => {
        answeredBytes += chunk.length;
        if (answeredBytes > cutAfterBytes) inner.destroy();
        else inner.write(chunk);
      });
      for (const [socket, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: own } = server.address() as AddressInfo;
    const proxy = new Proxy(`http://127.0.0.1:${own}`, async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    proxies.push(proxy);
    return proxy;
  }

  /** What was held goes on, for a client that has gone as well. */
  release(): void {
    for (const resume of this.held.splice(0)) resume();
  }
}
