import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Names that git may answer with, in bytes: some hundred thousand files. */
const maxAnswerBytes = 64 * 2 ** 20;
const longestRunMs = 5 * 60_000;

export interface GitRange {
  /** The commit's full id. */
  readonly since: string;
  /** Names below the folder, with `/`, that may differ from the commit: there, gone or new. */
  readonly names: ReadonlySet<string>;
  /**
   * Names that git can tell of, those above among them. It knows nothing of what it ignores, nor of
   * what lies in a submodule, in another checkout, or beyond a link to a folder.
   */
  readonly known: ReadonlySet<string>;
}

/**
 * What differs in a folder of a git checkout from a revision: the files as they are now, committed
 * or not, new ones that git doesn't ignore among them. A renamed file is one that is gone and one
 * that is new. What only has another time may be among them as well, and so are all links, since
 * what they lead to is another matter.
 *
 * git runs without anything that a checkout's own settings could make it start.
 *
 * @param revision one commit: a branch, a tag, `HEAD~3`, an id; no range `A..B`
 * @returns a sentence where git can't tell
 */
export async function gitRange(
  folder: string,
  revision: string,
  signal: AbortSignal,
): Promise<GitRange | string> {
  if (revision.trim() === '' || revision.startsWith('-') || /[\0\r\n]/.test(revision)) {
    return `${JSON.stringify(revision)} is no git revision: give a branch, a tag or a commit's id`;
  }
  try {
    const filters = await filterSettings(folder, signal);
    const git = (...words: string[]) => answer(folder, words, signal, filters);
    const commit = await git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`).catch(
      (error: unknown) => {
        // git says nothing where it knows no such commit, and only then.
        if (wordsOf(error) === '') return undefined;
        throw error;
      },
    );
    if (commit === undefined) {
      return `${JSON.stringify(revision)} is no commit that the checkout in ${folder} knows: check its spelling, give one commit and no range, and fetch it where the checkout is shallow`;
    }
    const since = commit.trim();
    const tracked = await git(...difference, since, '--');
    const untracked = await git('ls-files', '--others', '--exclude-standard', '-z', '--');
    const index = await git('ls-files', '--stage', '-v', '-z', '--');
    const names = new Set([...tracked.split('\0'), ...untracked.split('\0')]);
    names.delete('');
    const known = new Set(names);
    for (const { name, isTrusted } of entries(index)) {
      known.add(name);
      if (isTrusted) names.add(name);
    }
    return { since, names, known };
  } catch (error) {
    signal.throwIfAborted();
    return explain(folder, error);
  }
}

/** Files of the index; `isTrusted` where git takes one for unchanged without looking at its content. */
function* entries(index: string): Generator<{ name: string; isTrusted: boolean }> {
  for (const [, tag = '', mode, name = ''] of index.matchAll(/(\S) (\d+) \S+ \d\t([^\0]*)\0/g)) {
    if (mode === submodule) continue;
    // A small letter: somebody bade it assume so.
    yield { name, isTrusted: mode === link || tag !== tag.toUpperCase() };
  }
}

const link = '120000';
const submodule = '160000';

/** The plumbing command, which neither refreshes the index nor heeds settings of how to show it. */
const difference = [
  'diff-index',
  '--relative',
  '--name-only',
  '-z',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--ignore-submodules=all',
];

const filterKeys = '^filter\\..*\\.(clean|smudge|process|required)$';

/**
 * Settings that take every filter of the checkout its program: git would run it on a file whose
 * time differs. Without it such a file may be told as changed, and its hash settles that.
 */
async function filterSettings(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const words = ['config', '--null', '--name-only', '--get-regexp', filterKeys];
  const listed = await answer(folder, words, signal).catch((error: unknown) => {
    // None are set.
    if ((error as { code?: unknown }).code === 1) return '';
    throw error;
  });
  const keys = [...new Set(listed.split('\0').filter((key) => key !== ''))];
  const odd = keys.find((key) => key.includes('='));
  if (odd !== undefined) throw new Error(`the filter setting ${odd} has a name that can't be set`);
  return keys.map((key) => (key.endsWith('.required') ? `${key}=false` : `${key}=`));
}

async function answer(
  folder: string,
  words: readonly string[],
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<string> {
  const settings = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', ...more];
  const { stdout } = await run(
    'git',
    [
      '--no-pager',
      '--no-optional-locks',
      '--literal-pathspecs',
      ...settings.flatMap((setting) => ['-c', setting]),
      '-C',
      folder,
      ...words,
    ],
    { maxBuffer: maxAnswerBytes, timeout: longestRunMs, signal, encoding: 'utf8' },
  );
  return stdout;
}

function wordsOf(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  return typeof stderr === 'string' ? stderr.trim() : (error as Error).message;
}

function explain(folder: string, error: unknown): string {
  const { code, killed } = error as { code?: unknown; killed?: boolean };
  if (code === 'ENOENT') {
    return `what changed in ${folder} can't be told: git isn't on the PATH, or the folder doesn't exist`;
  }
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `git names too many files in ${folder}: give the folder itself`;
  }
  if (killed)
    return `git took longer than ${longestRunMs / 60_000} minutes in ${folder}: try again, or give the folder itself`;
  const words = wordsOf(error).slice(0, 300);
  return /not a git repository/i.test(words)
    ? `${folder} is no git checkout: give a folder inside one, or leave the revision out`
    : `git can't tell what changed in ${folder}: ${words}`;
}
