import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stageFiles, StagingError } from '../../src/artifacts/staging';
import { makeFolder, makeStore, noAbort, readText, zipOf } from './support';

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await makeFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

async function problemsOf(staging: Promise<unknown>): Promise<string[]> {
  const error = await staging.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  expect(error).toBeInstanceOf(StagingError);
  return (error as StagingError).problems.map((problem) => problem.message);
}

describe('staged files', () => {
  it('are snapshots: what happens to the file later changes nothing', async () => {
    const store = await makeStore();
    const folder = await folderWith({ 'orders.sql': 'select 1' });
    const file = path.join(folder, 'orders.sql');
    const [staged] = await stageFiles(store, [file], { signal: noAbort });
    await writeFile(file, 'select 2');
    expect(staged).toMatchObject({ name: 'orders.sql', artifact: { format: 'sql', sizeBytes: 8 } });
    expect(await readText(store, `inputs/${staged?.artifact.sha256}`)).toBe('select 1');
  });

  it('keep apart what is called the same in different folders', async () => {
    const store = await makeStore();
    const folder = await folderWith({ 'etl/a/x.sql': '1', 'etl/b/x.sql': '2' });
    await writeFile(path.join(folder, 'etl/y.zip'), await zipOf({ 'y.sql': '3' }));
    const paths = ['etl/a/x.sql', 'etl/b/x.sql', 'etl/y.zip'].map((name) =>
      path.join(folder, name),
    );
    const staged = await stageFiles(store, paths, { signal: noAbort });
    expect(staged.map((file) => file.name)).toEqual(['a/x.sql', 'b/x.sql', 'y.zip']);
    expect(staged.map((file) => file.artifact.format)).toEqual(['sql', 'sql', 'zip']);
  });

  it('strip the folder they have in common', async () => {
    const store = await makeStore();
    const folder = await folderWith({ 'deep/down/x.sql': '1', 'deep/down/y.txt': '2' });
    const paths = ['deep/down/x.sql', 'deep/down/y.txt'].map((name) => path.join(folder, name));
    const staged = await stageFiles(store, paths, { signal: noAbort });
    expect(staged.map((file) => file.name)).toEqual(['x.sql', 'y.txt']);
  });

  it('are staged once when named twice', async () => {
    const store = await makeStore();
    const folder = await folderWith({ 'x.sql': '1' });
    const staged = await stageFiles(
      store,
      [path.join(folder, 'x.sql'), path.join(folder, '.', 'x.sql')],
      { signal: noAbort },
    );
    expect(staged).toHaveLength(1);
  });
});

describe('bad input', () => {
  it('names every mistake in a sentence of its own, before anything is stored', async () => {
    const store = await makeStore();
    const folder = await folderWith({ 'good.sql': '1', 'empty.sql': '' });
    const big = await open(path.join(folder, 'big.zip'), 'w');
    await big.truncate(200 * 1024 * 1024 + 1);
    await big.close();
    const at = (name: string) => path.join(folder, name);
    const paths = ['good.sql', 'missing.sql', 'empty.sql', 'big.zip', 'good.sql/x.sql'].map(at);
    const problems = await problemsOf(
      stageFiles(store, [...paths, folder, ' ', 'a\0b'], { signal: noAbort }),
    );
    expect(problems).toEqual([
      `${at('missing.sql')} doesn't exist: check the path`,
      `${at('empty.sql')} is empty: leave it out, or give it content`,
      `${at('big.zip')} has 209715201 bytes, and limits.maxFileBytes allows 209715200: split it, or raise the limit as far as the service's own goes`,
      `${at('good.sql/x.sql')} doesn't exist: check the path`,
      `${folder} is a folder: give its files or a zip of it`,
      '" " is no file name: name an SQL file or a zip',
      '"a\\u0000b" is no file name: name an SQL file or a zip',
    ]);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('includes no files at all', async () => {
    const problems = await problemsOf(stageFiles(await makeStore(), [], { signal: noAbort }));
    expect(problems).toEqual(['no files: name at least one SQL file or zip']);
  });

  it('includes a file outside the roots, also one that a link leads to', async () => {
    const store = await makeStore();
    const root = await folderWith({ 'x.sql': '1' });
    const outside = await folderWith({ 'y.sql': '2' });
    const sibling = `${root}-sibling`;
    await symlink(path.join(outside, 'y.sql'), path.join(root, 'link.sql'));
    const staging = { roots: [root, sibling], signal: noAbort };
    expect(await stageFiles(store, [path.join(root, 'x.sql')], staging)).toHaveLength(1);
    const problems = await problemsOf(
      stageFiles(
        store,
        [path.join(outside, 'y.sql'), path.join(root, 'link.sql'), '/etc/passwd'],
        staging,
      ),
    );
    expect(problems).toHaveLength(3);
    for (const problem of problems) expect(problem).toContain('inputs.roots');
    expect(await readFile(path.join(outside, 'y.sql'), 'utf8')).toBe('2');
  });

  it('includes a name that a service must not get', async () => {
    const folder = await folderWith({ 'a\\b.sql': '1', 'line\nbreak.sql': '1' });
    const paths = ['a\\b.sql', 'line\nbreak.sql'].map((name) => path.join(folder, name));
    const problems = await problemsOf(stageFiles(await makeStore(), paths, { signal: noAbort }));
    expect(problems.map((problem) => problem.slice(-70))).toEqual([
      expect.stringMatching(/holds a backslash, so no service gets it: rename it$/),
      expect.stringMatching(/holds a control character, so no service gets it: rename it$/),
    ]);
  });

  it('includes more files than limits.maxFiles', async () => {
    const folder = await folderWith({ 'a.sql': '1', 'b.sql': '1', 'c.sql': '1' });
    const paths = ['a.sql', 'b.sql', 'c.sql'].map((name) => path.join(folder, name));
    const staging = { signal: noAbort, limits: { maxFiles: 2 } };
    expect(await problemsOf(stageFiles(await makeStore(), paths, staging))).toEqual([
      '3 files are given, and limits.maxFiles allows 2: give them as one zip, or raise the limit',
    ]);
  });
});

describe('a zip', () => {
  const limits = { maxZipEntries: 3, maxUnpackedBytes: 1000 };

  async function stageZip(bytes: Buffer | string): Promise<string[]> {
    const folder = await folderWith({});
    const file = path.join(folder, 'input.zip');
    await writeFile(file, bytes);
    const store = await makeStore();
    try {
      await stageFiles(store, [file], { signal: noAbort, limits });
      return [];
    } catch (error) {
      expect(await store.list('', noAbort)).toEqual([]);
      const { problems } = error as StagingError;
      return problems.map(({ message }) => message.replace(file, 'input.zip'));
    }
  }

  it('is staged when its entries stay inside it and are no more than the limits allow', async () => {
    expect(await stageZip(await zipOf({ 'ddl/a.sql': '1', 'b..sql': '2', '...c': '3' }))).toEqual(
      [],
    );
  });

  it.each([
    ['../evil.sql', 'invalid relative path: ../evil.sql'],
    ['ddl/../../evil.sql', 'invalid relative path: ddl/../../evil.sql'],
    ['..\\evil.sql', 'invalid relative path: ../evil.sql'],
    ['/etc/cron.d/evil', 'absolute path: /etc/cron.d/evil'],
    ['C:/evil.sql', 'absolute path: C:/evil.sql'],
  ])('with the entry %s is refused', async (name, words) => {
    expect(await stageZip(await zipOf({ 'good.sql': '1', [name]: 'evil' }))).toEqual([
      `input.zip holds an entry that would be unpacked outside its folder (${words}): make the zip anew without it`,
    ]);
  });

  it('with a symbolic link is refused', async () => {
    expect(await stageZip(await zipOf({ link: '/etc/passwd' }, 0o120777))).toEqual([
      'input.zip holds the symbolic link "link": make the zip anew with the file itself',
    ]);
  });

  it('that unpacks to more than the limits allow is refused, though it is small', async () => {
    const bomb = await zipOf({ 'bomb.sql': Buffer.alloc(50_000) });
    expect(bomb.length).toBeLessThan(1000);
    expect(await stageZip(bomb)).toEqual([
      'input.zip unpacks to more than the 1000 bytes that limits.maxUnpackedBytes allows: split it, or raise the limit',
    ]);
    expect(await stageZip(await zipOf({ a: '1', b: '2', c: '3', d: '4' }))).toEqual([
      'input.zip has more entries than the 3 that limits.maxZipEntries allows: split it, or raise the limit',
    ]);
  });

  it('that is none, is cut short or holds nothing is refused', async () => {
    const [none] = await stageZip('select 1');
    expect(none).toMatch(/^input\.zip is no zip that can be read \(.+\): make it anew$/);
    const whole = await zipOf({ 'a.sql': 'select 1' });
    const [short] = await stageZip(whole.subarray(0, whole.length - 30));
    expect(short).toMatch(/^input\.zip is no zip that can be read/);
    expect(await stageZip(await zipOf({}))).toEqual([
      'input.zip holds no file: leave it out, or fill it',
    ]);
  });
});
