import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readPage, repository } from './pages';

const english = readPage('README.md');
const chinese = readPage('README.zh-CN.md');

test('both READMEs have the same headings, but for the language', () => {
  const levels = (page: typeof english) => page.headings.map(({ level }) => level);
  expect(levels(chinese)).toEqual(levels(english));
});

test('both READMEs have the same blocks of code, but for comments and the words of a diagram', () => {
  const code = (page: typeof english) =>
    page.blocks.map(({ language, text }) => [language, withoutWords(language, text)]);
  expect(code(chinese)).toEqual(code(english));
});

test('both READMEs link to the same, in the same order', () => {
  const own = /^README/;
  const targets = (page: typeof english) =>
    page.links.map(({ href }) => href).filter((href) => !own.test(href));
  expect(targets(chinese)).toEqual(targets(english));
});

test('both READMEs name the same commands, files and words of the program, part by part', () => {
  expect(codeByPart('README.zh-CN.md')).toEqual(codeByPart('README.md'));
});

function withoutWords(language: string, text: string): string {
  if (language === 'mermaid') return text.replace(/"[^"]*"/g, '""');
  return text.replace(/(^|\s)#.*$/gm, '').replace(/ +$/gm, '');
}

/** Inline code, sorted: another language has another order. */
function codeByPart(file: string): string[][] {
  const prose = readFileSync(path.join(repository, file), 'utf8').replace(
    /^```[\s\S]*?^```$/gm,
    '',
  );
  return prose
    .split(/^## /m)
    .map((part) => [...part.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code).sort());
}
