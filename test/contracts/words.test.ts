import fc from 'fast-check';
import { parseDuration } from '../../src/contracts/duration';
import { joinWords, shellWord, splitWords } from '../../src/contracts/words';
import { typedDuration } from '../../src/cli/schedule-words';

test('words are parted by white space, and quotes hold them together', () => {
  expect(splitWords(` linkis  run --code 'select "1"'\n --var "a=it's"--b='c d'`)).toEqual([
    'linkis',
    'run',
    '--code',
    'select "1"',
    '--var',
    "a=it's--b=c d",
  ]);
  expect(splitWords("a '' b")).toEqual(['a', '', 'b']);
  expect(splitWords('')).toEqual([]);
  expect(splitWords(`say "it`)).toBe(`has a " that isn't closed`);
});

test('words that were joined are parted into the same ones', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      expect(splitWords(joinWords(words))).toEqual(words);
    }),
  );
});

test('a word that a shell would take apart is quoted', () => {
  expect(['a/b-1', '订单', 'two words', "it's", '$(x)', ''].map(shellWord)).toEqual([
    'a/b-1',
    '订单',
    "'two words'",
    `'it'"'"'s'`,
    "'$(x)'",
    "''",
  ]);
});

test('a duration is told as it would be typed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
      expect(parseDuration(typedDuration(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
  expect(typedDuration(5_400_000)).toBe('1h30m');
});
