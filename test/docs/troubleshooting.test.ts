import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exitCodes } from '../../src/cli/exit-codes';
import { failureTypes } from '../../src/contracts/failure-types';
import { readPage, repository } from './pages';

const file = 'docs/troubleshooting.md';
const page = readPage(file);
const words = readFileSync(path.join(repository, file), 'utf8');
const types: readonly string[] = Object.values(failureTypes);

test('every type of failure has a part of its own, and no part is about one that is none', () => {
  const told = page.headings.filter(({ level }) => level === 3).map(({ text }) => text);
  expect(told.sort()).toEqual([...types].sort());
});

test('every exit code is told', () => {
  const told = [...words.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(told).toEqual(Object.values(exitCodes));
});

test('every code of an error that the sources name is told, and no other', () => {
  const domains =
    'Transport|Http|Vendor|Wire|Input|Result|Configuration|Staging|Schedule|Pipeline|Table|Lineage|Artifacts|Linkis|SqlFlow';
  const literal = new RegExp(`'((?:${domains})\\.[A-Z]\\w+)'`, 'g');
  const named = ['src', 'activities', 'workflows'].flatMap((folder) =>
    readdirSync(path.join(repository, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(path.join(repository, folder, name), 'utf8');
        return [...text.matchAll(literal)].map(([, code = '']) => code);
      }),
  );
  named.push(...exportProblems().map((problem) => `SqlFlow.${problem}`));
  expect(named).toContain('Transport.Connect');
  const missing = [...new Set(named)].filter((code) => !words.includes(`\`${code}\``));
  expect(missing).toEqual([]);
  expect(codesTold().filter((code) => !named.includes(code))).toEqual([]);
});

/** First column of the table of codes, without those that are put together from an HTTP status. */
function codesTold(): string[] {
  const [, table = ''] = /## Codes of the clients\n([^]*?)\n## /.exec(words) ?? [];
  const cells = [...table.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = '']) => cell);
  const codes = cells.flatMap((cell) => [...cell.matchAll(/`(\w+\.\w+)`/g)]);
  return codes.map(([, code = '']) => code).filter((code) => !/^Http\.\d/.test(code));
}

/** Their codes are put together from these. */
function exportProblems(): string[] {
  const source = path.join(repository, 'src/clients/sqlflow/export-problem.ts');
  const [, union = ''] = /type ExportProblem = (.*);/.exec(readFileSync(source, 'utf8')) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, problem = '']) => problem);
}
