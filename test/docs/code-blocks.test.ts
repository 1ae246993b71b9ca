import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { usageMistake } from './command-lines';
import { allPages, repository, type CodeBlock } from './pages';
import { preambles } from './preambles';
import { remoteJobsCommands } from './shell-commands';
import { yamlMistakes } from './yaml-blocks';

interface PlacedBlock extends CodeBlock {
  readonly file: string;
}

const blocks: readonly PlacedBlock[] = allPages().flatMap(({ file, blocks: found }) =>
  found.map((block) => ({ ...block, file })),
);

/** In these, what a block says is looked at by a test below; a block without one is what a program prints. */
const checked = ['sh', 'ts', 'js', 'yaml', 'json', 'mermaid', 'sql', ''];

/** Those of a language that say no reason why they can't be checked. */
function inLanguage(...languages: readonly string[]): readonly PlacedBlock[] {
  return blocks.filter(
    ({ language, remark }) => languages.includes(language) && !remark.startsWith('no-check'),
  );
}

function placed({ file, line }: PlacedBlock, problem: string): string {
  return `${file}:${line}: ${problem}`;
}

test('every block is of a language that is checked, or says why it is not', () => {
  const strange = blocks
    .filter(
      ({ language, remark }) =>
        !checked.includes(language) || !/^(|terminal=2|no-check \S.*)$/.test(remark),
    )
    .map((block) => placed(block, `${block.language} ${block.remark}`));
  expect(strange).toEqual([]);
});

test('every remote-jobs command line is one that the program takes', () => {
  const mistakes = inLanguage('sh').flatMap((block) =>
    remoteJobsCommands(block.text).flatMap((words) => {
      const mistake = usageMistake(words);
      return mistake === undefined ? [] : [placed(block, mistake)];
    }),
  );
  expect(mistakes).toEqual([]);
});

test('every npm script that is named is there', () => {
  const { scripts } = jsonOf('package.json') as { scripts: Record<string, string> };
  const missing = inLanguage('sh').flatMap((block) =>
    [...block.text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)]
      .filter(([, name = '']) => block.file.startsWith('docs/') && !(name in scripts))
      .map(([, name]) => placed(block, `npm run ${name}`)),
  );
  expect(missing).toEqual([]);
});

test('every JSON block is JSON', () => {
  const mistakes = inLanguage('json').flatMap((block) => {
    try {
      JSON.parse(block.text);
      return [];
    } catch (error) {
      return [placed(block, String(error))];
    }
  });
  expect(mistakes).toEqual([]);
});

test('every YAML block is a configuration, a part of one, or a pipeline, without a mistake', async () => {
  const mistakes = await Promise.all(
    inLanguage('yaml').map(async (block) =>
      (await yamlMistakes(parseYaml(block.text), block.text)).map((problem) =>
        placed(block, problem),
      ),
    ),
  );
  expect(mistakes.flat()).toEqual([]);
});

test('every TypeScript block has the types that it uses', async () => {
  const folder = path.join(repository, 'node_modules/.cache/docs-blocks');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, line, text } of inLanguage('ts')) {
    // Only a module of the newer kind may wait outside of a function.
    const kind = /\bawait\b/.test(text) && !/\basync\b/.test(text) ? 'mts' : 'ts';
    const name = `${file.replace(/\W/g, '-')}-${line}.${kind}`;
    const before = preambles[file] ?? '';
    writeFileSync(path.join(folder, name), `${before}\n${text}\nexport {};\n`);
  }
  const entry = (name: string) => [`../../../${name}`];
  const config = {
    extends: '../../../tsconfig.json',
    compilerOptions: {
      noEmit: true,
      noUnusedLocals: false,
      rootDir: '../../..',
      paths: {
        'temporal-remote-jobs': entry('src/index.ts'),
        'temporal-remote-jobs/workflows': entry('workflows/public.ts'),
        'temporal-remote-jobs/activities': entry('activities/public.ts'),
        'temporal-remote-jobs/sqlflow': entry('src/clients/sqlflow/public.ts'),
        'temporal-remote-jobs/linkis': entry('src/clients/linkis/public.ts'),
        'temporal-remote-jobs/testing': entry('src/local/public.ts'),
      },
    },
    include: ['*.ts', '*.mts'],
    exclude: [],
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = path.dirname(require.resolve('@typescript/native/package.json'));
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.join(compiler, 'bin/tsc'),
    '-p',
    folder,
  ]).catch((error: { stdout: string }) => error);
  const own = stdout.split('\n').filter((line) => line.includes('docs-blocks'));
  expect(own).toEqual([]);
});

function jsonOf(file: string): unknown {
  return JSON.parse(readFileSync(path.join(repository, file), 'utf8'));
}
