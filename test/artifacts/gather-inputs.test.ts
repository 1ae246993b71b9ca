import { appendFileSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gatherInputs, type InputsToGather } from '../../src/artifacts/gather-inputs';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { readManifest } from '../../src/artifacts/manifest';
import { StagingError } from '../../src/artifacts/staging';
import type { ManifestFile } from '../../src/contracts/chain';
import { makeFolder, makeStore, noAbort, zipOf } from './support';

type Files = Readonly<Record<string, string | Buffer>>;

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

/** A store and a folder with files, to gather from. */
async function place(files: Files) {
  const folder = await makeFolder();
  await write(folder, files);
  const store = await makeStore();
  const gather = (what: InputsToGather, options = {}) =>
    gatherInputs(store, what, { cwd: folder, signal: noAbort, ...options });
  const filesOf = async (what: InputsToGather, options = {}): Promise<readonly ManifestFile[]> =>
    (await readManifest(store, await gather(what, options), noAbort)).files;
  const namesOf = async (what: InputsToGather, options = {}) =>
    (await filesOf(what, options)).map(({ name }) => name);
  return { folder, store, gather, filesOf, namesOf };
}

async function problemsOf(gathering: Promise<unknown>): Promise<string[]> {
  const error = await gathering.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  expect(error).toBeInstanceOf(StagingError);
  return (error as StagingError).problems.map(({ message }) => message);
}

describe('of a folder', () => {
  it('what looks like SQL is taken, in subfolders too; other files and hidden ones are not', async () => {
    const { namesOf } = await place({
      'etl/b.sql': '1',
      'etl/deep/down/a.HQL': '2',
      'etl/view.ddl': '3',
      'etl/readme.md': '4',
      'etl/all.zip': '5',
      'etl/.hidden.sql': '6',
      'etl/.git/x.sql': '7',
    });
    expect(await namesOf({ paths: ['etl'] })).toEqual(['b.sql', 'deep/down/a.HQL', 'view.ddl']);
  });

  it('the files are named below it, wherever the caller stands', async () => {
    const { folder, gather } = await place({ 'etl/a.sql': '1', 'etl/b/c.sql': '2' });
    const fromAbove = await gather({ paths: ['etl'] });
    expect(await gather({ paths: ['.'] }, { cwd: path.join(folder, 'etl') })).toEqual(fromAbove);
    expect(await gather({}, { cwd: path.join(folder, 'etl') })).toEqual(fromAbove);
    expect(await gather({ paths: [`${folder}/etl/`] }, { cwd: '/' })).toEqual(fromAbove);
  });

  it('files keep their names when others go and come', async () => {
    const { folder, namesOf } = await place({ 'etl/a/x.sql': '1', 'etl/b/y.sql': '2' });
    await rm(path.join(folder, 'etl/b'), { recursive: true });
    expect(await namesOf({ paths: ['etl'] })).toEqual(['a/x.sql']);
  });

  it('links to files are taken, links to folders are not', async () => {
    const { folder, namesOf } = await place({ 'etl/a.sql': '1', 'other/b.sql': '2' });
    await symlink('../other/b.sql', path.join(folder, 'etl/b.sql'));
    await symlink('..', path.join(folder, 'etl/up.sql'));
    await symlink('..', path.join(folder, 'etl/up'));
    expect(await namesOf({ paths: ['etl'] })).toEqual(['a.sql', 'b.sql']);
  });

  it('an empty file is named as a mistake, not left out without a word', async () => {
    const { folder, gather } = await place({ 'etl/a.sql': '1', 'etl/empty.sql': '' });
    expect(await problemsOf(gather({ paths: ['etl'] }))).toEqual([
      `${folder}/etl/empty.sql is empty: leave it out, or give it content`,
    ]);
  });

  it('what "!glob" matches is left out, a folder with all that is in it', async () => {
    const { namesOf } = await place({
      'etl/a.sql': '1',
      'etl/tmp/b.sql': '2',
      'etl/deep/a.test.sql': '',
      'etl/deep/c.sql': '3',
    });
    expect(await namesOf({ paths: ['etl', '!tmp', '!**/*.test.sql'] })).toEqual([
      'a.sql',
      'deep/c.sql',
    ]);
  });

  it('a folder without SQL is a mistake that tells what is taken', async () => {
    const { gather } = await place({ 'etl/readme.md': '1' });
    expect(await problemsOf(gather({ paths: ['etl'] }))).toEqual([
      expect.stringMatching(/^no files: .*only SQL files are taken/),
    ]);
  });
});

describe('several places', () => {
  it('are named below the current folder, so that equal names stay apart', async () => {
    const { namesOf } = await place({ 'a/x.sql': '1', 'b/x.sql': '2', 'c/y.sql': '3' });
    expect(await namesOf({ paths: ['a', 'b', 'c/y.sql'] })).toEqual([
      'a/x.sql',
      'b/x.sql',
      'c/y.sql',
    ]);
  });

  it('are named below the base that is given', async () => {
    const { folder, namesOf } = await place({ 'w/a/x.sql': '1', 'w/b/x.sql': '2' });
    const paths = [`${folder}/w/a`, `${folder}/w/b/x.sql`];
    expect(await namesOf({ paths, base: 'w' })).toEqual(['a/x.sql', 'b/x.sql']);
  });

  it('outside the base are a mistake that names the remedy', async () => {
    const { folder, gather } = await place({ 'a/x.sql': '1', 'b/y.sql': '2' });
    const problems = await problemsOf(
      gather({ paths: ['../a', '../b/y.sql', 'x.sql'] }, { cwd: path.join(folder, 'a') }),
    );
    expect(problems).toEqual([
      `../b/y.sql lies outside ${folder}/a, below which files are named: give a folder that holds all of them as the base`,
    ]);
  });

  it('that overlap give each file once', async () => {
    const { namesOf } = await place({ 'a/x.sql': '1', 'a/b/y.sql': '2' });
    expect(await namesOf({ paths: ['a', 'a/b', 'a/x.sql', './a/x.sql', 'a/*.sql'] })).toEqual([
      'a/b/y.sql',
      'a/x.sql',
    ]);
  });
});

describe('globs', () => {
  it('take what they match, whatever it is called, and nothing hidden', async () => {
    const { namesOf } = await place({
      'etl/a.sql': '1',
      'etl/deep/b.sql': '2',
      'etl/c.script': '3',
      'etl/.d.sql': '4',
      'other/e.sql': '5',
    });
    expect(await namesOf({ paths: ['etl/*.{sql,script}'] })).toEqual(['etl/a.sql', 'etl/c.script']);
    expect(await namesOf({ paths: ['**/*.sql'] })).toEqual([
      'etl/a.sql',
      'etl/deep/b.sql',
      'other/e.sql',
    ]);
  });

  it('a file that is really called like a glob is that file', async () => {
    const { namesOf } = await place({ '[a].sql': '1', 'a.sql': '2' });
    expect(await namesOf({ paths: ['[a].sql'] })).toEqual(['[a].sql']);
  });
});

describe('a list of paths', () => {
  it('is read a path a line or NUL-separated, each literally', async () => {
    const { namesOf } = await place({
      'a.sql': '1',
      'b *.sql': '2',
      'lines.txt': 'a.sql\r\n\nb *.sql\n',
      nul: 'a.sql\0b *.sql\0',
    });
    expect(await namesOf({ filesFrom: ['lines.txt'] })).toEqual(['a.sql', 'b *.sql']);
    expect(await namesOf({ filesFrom: ['nul'] })).toEqual(['a.sql', 'b *.sql']);
  });

  it('names each path that is missing, as far as it is worth reading', async () => {
    const paths = Array.from({ length: 100 }, (_, index) => `missing-${index}.sql`);
    const { gather } = await place({ 'list.txt': paths.join('\n') });
    const problems = await problemsOf(gather({ filesFrom: ['list.txt'] }));
    expect(problems).toHaveLength(20);
    expect(problems[0]).toMatch(/missing-\d+\.sql doesn't exist: check the path/);
    expect(await problemsOf(gather({ filesFrom: ['none.txt'] }))).toEqual([
      expect.stringContaining("none.txt doesn't exist"),
    ]);
  });
});

describe('what may be read', () => {
  it('lies under the roots, also where a link, a folder or a list leads out of them', async () => {
    const { folder, gather } = await place({
      'in/a.sql': '1',
      'out/b.sql': '2',
      'out/list.txt': 'a.sql',
    });
    await symlink('../out/b.sql', path.join(folder, 'in/b.sql'));
    await symlink('../out', path.join(folder, 'in/way'));
    const options = { roots: [path.join(folder, 'in')] };
    for (const what of [
      { paths: ['in'] },
      { paths: ['out'] },
      { paths: ['in/way'] },
      { paths: ['in/way/*.sql'] },
      { paths: ['in/way/b.sql'] },
      { filesFrom: ['out/list.txt'] },
    ]) {
      expect(await problemsOf(gather(what, options))).toEqual([
        expect.stringContaining('is outside the folders that inputs may come from'),
      ]);
    }
  });

  it('is no more files than the limits allow, and none too large', async () => {
    const { folder, gather } = await place({ 'a.sql': '1', 'b.sql': '2', 'c.sql': '3' });
    expect(await problemsOf(gather({ paths: ['.'] }, { limits: { maxFiles: 2 } }))).toEqual([
      '3 files are meant, and limits.maxFiles allows 2: give fewer, or raise the limit',
    ]);
    await truncate(path.join(folder, 'b.sql'), 300);
    const tooLarge = gather({ paths: ['.'] }, { limits: { maxFileBytes: 200 } });
    expect(await problemsOf(tooLarge)).toEqual([expect.stringContaining('b.sql has 300 bytes')]);
  });

  it('has names that a service can be given', async () => {
    const { gather } = await place({ 'a\\b.sql': '1', 'c\nd.sql': '2' });
    const problems = await problemsOf(gather({ paths: ['.'] }));
    expect(problems.sort()).toEqual([
      '"a\\\\b.sql" holds a backslash, so no service gets it: rename it',
      '"c\\nd.sql" holds a control character, so no service gets it: rename it',
    ]);
  });

  it('is a zip only where nothing in it leads out', async () => {
    const { gather, namesOf } = await place({
      'good.zip': await zipOf({ 'x.sql': '1' }),
      'bad.zip': await zipOf({ '../x.sql': '1' }),
    });
    expect(await namesOf({ paths: ['good.zip'] })).toEqual(['good.zip']);
    expect(await problemsOf(gather({ paths: ['bad.zip'] }))).toEqual([
      expect.stringContaining('would be unpacked outside its folder'),
    ]);
  });
});

describe('a file', () => {
  it('is read once: its hash is that of the bytes that were stored', async () => {
    const { folder, filesOf, store } = await place({ 'a.sql': 'select 1' });
    const [before] = await filesOf({ paths: ['.'] });
    await writeFile(path.join(folder, 'a.sql'), 'select 2');
    const [after] = await filesOf({ paths: ['.'] });
    expect(after?.artifact.sha256).not.toBe(before?.artifact.sha256);
    const stored = await readdir(path.join(store.root, 'inputs'));
    expect(stored).toEqual(
      expect.arrayContaining([before?.artifact.sha256, after?.artifact.sha256]),
    );
  });

  it('larger than what is held in memory is stored whole', async () => {
    const text = 'select a, b from warehouse.orders;\n'.repeat(20_000);
    const { filesOf } = await place({ 'large.sql': text });
    const [file] = await filesOf({ paths: ['.'] });
    expect(file?.artifact.sizeBytes).toBe(text.length);
  });

  it('whose stored bytes were cut since is stored anew', async () => {
    const { filesOf, store } = await place({ 'a.sql': 'select 1' });
    const [file] = await filesOf({ paths: ['.'] });
    const stored = path.join(store.root, 'inputs', file?.artifact.sha256 ?? '');
    await truncate(stored, 3);
    await filesOf({ paths: ['.'] });
    await truncate(stored, 0);
    const [mended] = await filesOf({ paths: ['.'] });
    expect(mended).toEqual(file);
    expect(await store.find(`inputs/${file?.artifact.sha256}`, 'sql', noAbort)).toEqual(
      file?.artifact,
    );
  });

  it.each([
    ['small', 10],
    ['large', 600_000],
  ])('that changes each time while it is read is refused, a %s one', async (_, sizeBytes) => {
    const { folder, gather } = await place({ 'a.sql': 'x'.repeat(sizeBytes) });
    const file = path.join(folder, 'a.sql');
    class Growing extends FolderArtifactStore {
      // As late as the content is surely being read, before its end is looked at.
      override async putByHash(...given: Parameters<FolderArtifactStore['putByHash']>) {
        appendFileSync(file, 'y');
        return super.putByHash(...given);
      }
    }
    const store = new Growing({ root: await makeFolder() });
    const gathering = gatherInputs(store, { paths: ['.'] }, { cwd: folder, signal: noAbort });
    expect(await problemsOf(gathering)).toEqual([
      `${file} changed each time while it was read: wait until it is written, then ask again`,
    ]);
    expect(await gather({ paths: ['.'] })).toMatchObject({ files: 1, sizeBytes: sizeBytes + 3 });
  });
});

test('gathering can be given up, and tells how far it is', async () => {
  const files = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}.sql`, `${n}`]));
  const { gather } = await place(files);
  const seen: (readonly [number, number])[] = [];
  await gather({}, { onProgress: (done: number, of: number) => seen.push([done, of]) });
  expect(seen).toHaveLength(50);
  expect(seen.at(-1)).toEqual([50, 50]);
  const abort = new AbortController();
  const given = gather(
    {},
    { signal: abort.signal, onProgress: () => abort.abort(new Error('no longer wanted')) },
  );
  await expect(given).rejects.toThrow('no longer wanted');
});
