import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { ArtifactError } from '../../src/artifacts/errors';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { checkKey } from '../../src/artifacts/keys';
import { artifactUri } from '../../src/artifacts/store';
import { ConfigurationError } from '../../src/config/errors';
import { SecretResolver } from '../../src/config/secrets';
import { text } from './generated';

let outside: string;
let store: FolderArtifactStore;
beforeAll(async () => {
  outside = await realpath(await mkdtemp(path.join(tmpdir(), 'remote-jobs-keys-')));
  store = new FolderArtifactStore({ root: path.join(outside, 'a/b/store') });
});
afterAll(() => rm(outside, { recursive: true, force: true }));

const { signal } = new AbortController();

const segment = fc.oneof(
  { arbitrary: fc.constantFrom('..', '.', '', '...', '.unfinished', '~', 'C:', 'con'), weight: 3 },
  {
    arbitrary: fc.constantFrom('..\\..', '\0', '%2e%2e', '．．', '‥', '\u202e', '\ud800', '..\n'),
    weight: 3,
  },
  { arbitrary: fc.constantFrom('é', 'e\u0301', 'x'.repeat(300)), weight: 1 },
  { arbitrary: text, weight: 2 },
);
const key = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 6 }), fc.constantFrom('', '/', '//', '\\'))
  .map(([segments, start]) => start + segments.join('/'));

function isRefused(value: string): boolean {
  try {
    checkKey(value);
    return false;
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    expect(error.code).toBe('Artifacts.BadKey');
    return true;
  }
}

test('every key is refused or names a file inside the store, and the store names it alike', () =>
  fc.assert(
    fc.asyncProperty(key, fc.uuid(), async (value, content) => {
      if (isRefused(value)) return;
      const file = path.resolve(store.root, value);
      expect(file.startsWith(store.root + path.sep)).toBe(true);
      expect(path.relative(store.root, file).split(path.sep).join('/')).toBe(value);
      await store
        .put(
          value,
          (async function* () {
            yield content;
          })(),
          { format: 'text', signal },
        )
        .catch((error: unknown) => {
          // A folder is there already, or a file where a folder is due.
          if (!(error instanceof ArtifactError)) throw error;
        });
      expect(await filesOutside()).toEqual([]);
    }),
    { numRuns: 200 },
  ));

async function filesOutside(): Promise<string[]> {
  const here = await readdir(outside, { recursive: true });
  return here.filter(
    (name) => !['a', 'a/b', 'a/b/store'].includes(name) && !name.startsWith('a/b/store/'),
  );
}

test('what a key was given is read under that key, and under no other', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 2, maxLength: 2 }),
      async ([one = '', two = '']) => {
        if (isRefused(one) || isRefused(two)) return;
        if (`${one}/`.startsWith(`${two}/`) || `${two}/`.startsWith(`${one}/`)) return;
        const folder = `pair-${Math.random()}`;
        for (const value of [one, two]) {
          await store.put(
            `${folder}/${value}`,
            (async function* () {
              yield value;
            })(),
            { format: 'text', signal },
          );
        }
        for (const value of [one, two]) {
          const read = await textOf(await store.open(artifactUri(`${folder}/${value}`), signal));
          expect(read).toBe(value);
        }
        expect(await store.list(`${folder}/`, signal)).toEqual(
          [`${folder}/${one}`, `${folder}/${two}`].sort(),
        );
      },
    ),
    { numRuns: 60 },
  ));

test('no name of a secret reads anything but what the configuration names', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(key, text), async (name) => {
      const resolver = new SecretResolver(
        { known: { env: 'KNOWN' } },
        { KNOWN: 'value', [name]: 'other' },
      );
      if (name === 'known' || name === 'KNOWN') return;
      await expect(resolver.resolve({ secret: name })).rejects.toBeInstanceOf(ConfigurationError);
    }),
  ));
