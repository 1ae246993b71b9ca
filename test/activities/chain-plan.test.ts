import fc from 'fast-check';
import { chooseGeneration } from '../../activities/chain/choose-generation';
import { compareManifests, mergeManifests } from '../../activities/chain/compare-manifests';
import type { CurrentJob } from '../../activities/chain/current-job';
import type { ChainGeneration, Manifest, RefreshInput } from '../../src/contracts/chain';

/** `{ 'a.sql': '1' }` is a snapshot of one file whose hash is 1. */
function snapshot(files: Readonly<Record<string, string>>): Manifest {
  return {
    version: 1,
    files: Object.entries(files).map(([name, sha256]) => ({
      name,
      artifact: { uri: `artifact:inputs/${sha256}`, format: 'sql', sizeBytes: 1, sha256 },
    })),
  };
}

function names(files: readonly { readonly name: string }[]): string[] {
  return files.map(({ name }) => name);
}

describe('what differs', () => {
  const now = snapshot({ a: '1', b: '2', c: '3' });

  test('a file is alike only if every snapshot since the latest good one has it so', () => {
    const held = [snapshot({ a: '1', b: '2', gone: '9' }), snapshot({ a: '1', b: 'other' })];
    const { unlike, removed, counts } = compareManifests(now, { held, complete: true });
    expect(names(unlike)).toEqual(['b', 'c']);
    expect(removed).toEqual(['gone']);
    expect(counts).toEqual({ total: 3, added: 1, changed: 1, removed: 1 });
  });

  test('nothing is alike where it is not known what the server holds', () => {
    const { unlike, counts } = compareManifests(now, { held: [now], complete: false });
    expect(names(unlike)).toEqual(['a', 'b', 'c']);
    expect(counts).toEqual({ total: 3, added: 0, changed: 0, removed: 0 });
  });

  const files = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));

  test('a snapshot is like itself, and what is unlike or removed makes the one of the other', () => {
    fc.assert(
      fc.property(files, files, (first, second) => {
        const [before, after] = [snapshot(first), snapshot(second)];
        const same = compareManifests(after, { held: [after], complete: true });
        expect([same.unlike, same.removed]).toEqual([[], []]);
        const { unlike, removed } = compareManifests(after, { held: [before], complete: true });
        const partial = { since: 'HEAD', removed };
        const merged = mergeManifests(before, { version: 1, files: unlike, partial });
        expect(new Map(merged.files.map((file) => [file.name, file]))).toEqual(
          new Map(after.files.map((file) => [file.name, file])),
        );
      }),
    );
  });
});

describe('which job', () => {
  const settings = { dbVendor: 'dbvhive' };
  const current: ChainGeneration = { generation: 3, key: 'k', settings, jobId: 'j', submits: 5 };
  const there: CurrentJob = { kind: 'there', jobId: 'j', isNew: false, copies: [], warnings: [] };
  const files = { unlike: snapshot({ a: '1' }).files, removed: [] };

  function input(request: Partial<RefreshInput['request']> = {}, more: Partial<RefreshInput> = {}) {
    const artifact = { uri: 'artifact:x', format: 'json', sizeBytes: 1, sha256: '' } as const;
    const inputs = { artifact, files: 1, sizeBytes: 1 };
    const base = { requestId: 'r', chain: 'c', connection: 'x', inputs, ...settings };
    return {
      request: { ...base, ...request },
      current,
      nextKey: 'next',
      mayBeSubmitted: false,
      unsettled: [],
      revision: 1,
      replacedJobs: [],
      ...more,
    };
  }

  test('the present one, where nothing speaks against it', () => {
    expect(chooseGeneration(input(), there, files)).toEqual({
      generation: current,
      candidate: false,
      isNew: false,
      warnings: [],
    });
    // Not given and empty are the same to the service.
    expect(chooseGeneration(input({ defaultSchema: '' }), there, files).isNew).toBe(false);
  });

  test('the key of a submit that nobody heard of stays', () => {
    const unheard = { ...current, jobId: undefined };
    const chosen = chooseGeneration(input({}, { current: unheard }), { kind: 'none' }, files);
    expect(chosen).toMatchObject({ generation: { key: 'k', generation: 3 }, isNew: false });
  });

  test('a new one that is current at once, where the old one is gone', () => {
    const chosen = chooseGeneration(input(), { kind: 'gone', jobId: 'j' }, files);
    expect(chosen).toMatchObject({
      generation: { generation: 4, key: 'next', submits: 0 },
      candidate: false,
      isNew: true,
    });
    expect(chosen.generation).not.toHaveProperty('jobId');
  });

  test.each([
    ['asked for', { rebuild: true }, files],
    ['due', { rebuildEvery: 5 }, files],
    ['settings', { defaultDatabase: 'dw' }, files],
    ['removed files', {}, { ...files, removed: ['b'] }],
  ])('a candidate for a rebuild: %s', (_why, request, compared) => {
    const chosen = chooseGeneration(input(request), there, compared);
    expect(chosen).toMatchObject({ candidate: true, isNew: true, generation: { generation: 4 } });
    expect(chosen.warnings).toHaveLength(1);
  });

  test('no rebuild that is due before its time, nor on an unchanged day', () => {
    expect(chooseGeneration(input({ rebuildEvery: 6 }), there, files).isNew).toBe(false);
    const nothing = { unlike: [], removed: [] };
    expect(chooseGeneration(input({ rebuildEvery: 1 }), there, nothing).isNew).toBe(false);
  });
});
