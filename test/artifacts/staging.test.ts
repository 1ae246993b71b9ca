import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stageFiles, StagingError } from '../../src/artifacts/staging';
import { makeFolder, makeStore, noAbort, readText } from './support';

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
    const folder = await folderWith({ 'etl/a/x.sql': '1', 'etl/b/x.sql': '2', 'etl/y.zip': 'PK' });
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
      `${at('big.zip')} is larger than the 200 MB that the service takes (209715201 bytes): split it`,
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
});
