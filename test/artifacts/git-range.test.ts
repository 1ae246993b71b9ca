import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { gatherInputs, type InputsToGather } from '../../src/artifacts/gather-inputs';
import { readManifest } from '../../src/artifacts/manifest';
import { makeFolder, makeStore, noAbort } from './support';

let checkout: string;

function git(...words: string[]): string {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  return execFileSync('git', ['-C', checkout, ...who, ...words], { encoding: 'utf8' });
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(checkout, name)), { recursive: true });
    await writeFile(path.join(checkout, name), content);
  }
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a day');
}

/** What is gathered since a revision, in few words. */
async function changes(what: InputsToGather, cwd = checkout) {
  const store = await makeStore();
  const ref = await gatherInputs(store, what, { cwd, signal: noAbort });
  const { files, partial } = await readManifest(store, ref, noAbort);
  expect(ref.partial).toBe(true);
  return { there: files.map(({ name }) => name), gone: partial?.removed, since: partial?.since };
}

beforeEach(async () => {
  checkout = await makeFolder();
  git('init', '--quiet', '--initial-branch=main');
  await write({
    'etl/same.sql': 'select 1',
    'etl/changed.sql': 'select 2',
    'etl/removed.sql': 'select 3',
    'etl/old/name.sql': 'select 4, 4, 4, 4, 4, 4, 4, 4',
    'etl/readme.md': 'words',
    'other/x.sql': 'select 5',
  });
  commit();
});

test('what was added, changed, renamed and removed since a revision is told, as it is now', async () => {
  await write({ 'etl/changed.sql': 'select 2, 2', 'etl/added.sql': 'select 6' });
  await rename(path.join(checkout, 'etl/old/name.sql'), path.join(checkout, 'etl/new-name.sql'));
  await rm(path.join(checkout, 'etl/removed.sql'));
  commit();
  await write({ 'etl/readme.md': 'other words', 'other/x.sql': 'select 5, 5' });
  commit();
  // Neither committed nor added.
  await write({ 'etl/same.sql': 'select 1, 1', 'etl/new.sql': 'select 7' });
  expect(await changes({ paths: ['etl'], changedSince: 'HEAD~2' })).toEqual({
    there: ['added.sql', 'changed.sql', 'new-name.sql', 'new.sql', 'same.sql'],
    gone: ['old/name.sql', 'removed.sql'],
    since: git('rev-parse', 'HEAD~2').trim(),
  });
});

test('files bear the names that gathering the whole folder gives them', async () => {
  await write({ 'etl/deep/a b "ü".sql': 'select 6' });
  const store = await makeStore();
  for (const what of [
    { paths: ['etl'] },
    { paths: ['etl', 'other'] },
    { paths: ['etl/**/*.sql'] },
  ]) {
    const options = { cwd: checkout, signal: noAbort };
    const whole = await readManifest(store, await gatherInputs(store, what, options), noAbort);
    const { there } = await changes({ ...what, changedSince: 'HEAD' });
    expect(there).toHaveLength(1);
    expect(whole.files.map(({ name }) => name)).toContain(there[0]);
  }
});

test('of a folder that a link leads to, the names are the same', async () => {
  await write({ 'etl/changed.sql': 'select 2, 2' });
  const way = path.join(await makeFolder(), 'way');
  await symlink(path.join(checkout, 'etl'), way);
  expect(await changes({ paths: [way], changedSince: 'main' })).toMatchObject({
    there: ['changed.sql'],
  });
});

test('where nothing changed, nothing is there and nothing is gone', async () => {
  const past = new Date(2001, 1, 1);
  const { there, gone } = await changes({ paths: ['etl'], changedSince: 'HEAD' });
  expect({ there, gone }).toEqual({ there: [], gone: [] });
  // Only its time differs: a chain sees by the hash that it is the same.
  await utimes(path.join(checkout, 'etl/same.sql'), past, past);
  expect(await changes({ paths: ['etl'], changedSince: 'HEAD' })).toMatchObject({ gone: [] });
});

test('a file that was given by its name may be gone; one that never was is a mistake', async () => {
  await rm(path.join(checkout, 'etl/removed.sql'));
  const what = { paths: ['etl/removed.sql', 'etl/same.sql'], changedSince: 'HEAD' };
  expect(await changes(what)).toMatchObject({ there: [], gone: ['etl/removed.sql'] });
  await expect(changes({ paths: ['etl/mistyped.sql'], changedSince: 'HEAD' })).rejects.toThrow(
    "etl/mistyped.sql doesn't exist: check the path",
  );
  await rm(path.join(checkout, 'other'), { recursive: true });
  await expect(changes({ paths: ['etl', 'other'], changedSince: 'HEAD' })).rejects.toThrow(
    "other doesn't exist",
  );
});

test('what is taken from the index only is told as it is on the disk', async () => {
  git('rm', '--quiet', '--cached', 'etl/changed.sql');
  expect(await changes({ paths: ['etl'], changedSince: 'HEAD' })).toMatchObject({
    there: ['changed.sql'],
    gone: [],
  });
});

test('what git can not tell is refused by its name, unless it is left out', async () => {
  const notTold = (name: string) => `git doesn't tell whether ${name} changed`;
  const library = await makeFolder();
  await write({ '.gitignore': 'made.sql\n', 'etl/made.sql': 'select 8' });
  git('clone', '--quiet', checkout, library);
  git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'sub');
  await symlink(path.join(checkout, 'other'), path.join(checkout, 'way'));
  commit();
  git('clone', '--quiet', library, path.join(checkout, 'nested'));
  await write({ 'sub/etl/same.sql': 'select 1, 1', 'nested/other/x.sql': 'select 5, 5' });

  const since = { changedSince: 'HEAD' };
  await expect(changes(since)).rejects.toThrow(`${notTold('etl/made.sql')}, nor 10 more: it`);
  await expect(changes({ paths: ['sub'], ...since, base: '.' })).rejects.toThrow(
    notTold('sub/etl/changed.sql'),
  );
  await expect(changes({ paths: ['nested/*/x.sql'], ...since })).rejects.toThrow(
    `${notTold('nested/other/x.sql')}: it`,
  );
  await expect(changes({ paths: ['way/x.sql'], ...since })).rejects.toThrow(notTold('way/x.sql'));
  const paths = ['.', '!sub', '!nested', '!**/made.sql'];
  expect(await changes({ paths, ...since })).toMatchObject({ there: [], gone: [] });
});

test('what git only takes for unchanged is told: where a link leads, and files that it was bidden to trust', async () => {
  const outside = path.join(await makeFolder(), 'x.sql');
  await writeFile(outside, 'select 6');
  await symlink(outside, path.join(checkout, 'etl/link.sql'));
  commit();
  git('update-index', '--assume-unchanged', 'etl/same.sql');
  await write({ 'etl/same.sql': 'select 1, 1' });
  // For a link, its hash tells that what it leads to is as it was.
  expect(await changes({ paths: ['etl'], changedSince: 'HEAD' })).toMatchObject({
    there: ['link.sql', 'same.sql'],
    gone: [],
  });
});

test('a file that became a folder is gone, and what is in the folder is there', async () => {
  await rm(path.join(checkout, 'etl/removed.sql'));
  await write({ 'etl/removed.sql/part.sql': 'select 3' });
  expect(await changes({ paths: ['etl'], changedSince: 'HEAD' })).toMatchObject({
    there: ['removed.sql/part.sql'],
    gone: ['removed.sql'],
  });
});

test.each([
  ['--output=/tmp/x', 'is no git revision'],
  ['', 'is no git revision'],
  ['main\0', 'is no git revision'],
  ['mistyped', 'is no commit that the checkout in'],
  ['main..main', 'is no commit that the checkout in'],
])('the revision %j is refused', async (changedSince, words) => {
  await expect(changes({ changedSince })).rejects.toThrow(words);
});

test('a folder that is no checkout is named', async () => {
  const folder = await makeFolder();
  await expect(changes({ changedSince: 'main' }, folder)).rejects.toThrow(
    `${folder} is no git checkout`,
  );
});

test("a checkout's own settings start nothing", async () => {
  const mark = path.join(await makeFolder(), 'started');
  const program = path.join(await makeFolder(), 'program');
  await writeFile(program, `#!/bin/sh\ntouch '${mark}'\ncat\n`);
  await chmod(program, 0o755);
  await write({ '.gitattributes': '*.sql diff=own filter=own' });
  commit();
  for (const name of [
    'core.fsmonitor',
    'core.pager',
    'diff.external',
    'diff.own.command',
    'diff.own.textconv',
    'filter.own.clean',
    'filter.own.smudge',
    'filter.own.process',
    'core.sshCommand',
    'core.editor',
    'pager.diff-index',
    'alias.diff-index',
  ]) {
    git('config', name, name.startsWith('alias') ? `!${program}` : program);
  }
  git('config', 'filter.own.required', 'true');
  for (const hook of ['post-index-change', 'post-checkout', 'fsmonitor-watchman']) {
    await writeFile(path.join(checkout, '.git/hooks', hook), `#!/bin/sh\ntouch '${mark}'\n`);
    await chmod(path.join(checkout, '.git/hooks', hook), 0o755);
  }
  await write({ 'etl/changed.sql': 'select 9' });
  const past = new Date(2001, 1, 1);
  await utimes(path.join(checkout, 'etl/same.sql'), past, past);
  const { there } = await changes({ paths: ['etl'], changedSince: 'HEAD' });
  expect(there).toContain('changed.sql');
  expect(existsSync(mark)).toBe(false);
});
