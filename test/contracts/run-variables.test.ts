import {
  formatTokens,
  mapTexts,
  parseTemplate,
  sampleTexts,
  templateMistakes,
} from '../../src/contracts/run-variables';

test('a text without variables stays as it is, single braces and JSON included', () => {
  for (const text of ['', 'plain', '{"a":{"b":1}}', '${day}', '{x}', '}}']) {
    expect(sampleTexts(text)).toBe(text);
  }
});

test('variables take offsets and formats, with or without spaces', () => {
  const expected = { offsets: [{ count: -1, unit: 'd' }], format: [{ token: 'yyyy' }] };
  for (const text of [
    '{{scheduledDate-1d|yyyy}}',
    '{{ scheduledDate -1d | yyyy }}',
    '{{scheduledDate - 1d |yyyy}}',
  ]) {
    expect(parseTemplate(text)).toEqual([{ written: text, ...expected }]);
  }
  expect(parseTemplate('a {{scheduledTime+2h-30m+1mo}} b')).toMatchObject([
    'a ',
    {
      offsets: [
        { count: 2, unit: 'h' },
        { count: -30, unit: 'm' },
        { count: 1, unit: 'mo' },
      ],
    },
    ' b',
  ]);
});

test('doubled braces are plain ones', () => {
  expect(sampleTexts('{{{{name}} and {{scheduledDate}}')).toBe('{{name}} and 2026-01-02');
});

test('quoted letters and all other signs of a format stand for themselves', () => {
  expect(sampleTexts("{{scheduledTime | yyyy/MM/dd'T'HH:mm '(UTC)'}}")).toBe(
    '2026/01/02T03:04 (UTC)',
  );
  expect(sampleTexts('{{scheduledTime}}')).toBe('2026-01-02T03:04:05+01:00');
});

test.each([
  ['{{scheduledDay}}', 'no variable; there are {{scheduledTime}} and {{scheduledDate}}'],
  ['{{ }}', 'no variable'],
  ['{{constructor}}', 'no variable'],
  ['{{__proto__ -1d | yyyy}}', 'no variable'],
  ['{{scheduledDate', 'without its "}}"'],
  ['{{scheduledDate-1x}}', 'whose offset "-1x" can\'t be read'],
  ['{{scheduledDate-1}}', 'whose offset "-1" can\'t be read'],
  ['{{scheduledDate-12345d}}', "can't be read"],
  ['{{scheduledDate-1d+}}', 'no variable'],
  ['{{scheduledDate | YYYY}}', 'has "YYYY", which stands for nothing; there are yyyy'],
  ['{{scheduledDate | yyyyMMddd}}', 'has "ddd"'],
  ["{{scheduledDate | yyyy'T}}", "a quote that isn't closed"],
  ['{{scheduledDate | }}', 'is empty'],
])('%s is refused with what to do', (text, words) => {
  expect(parseTemplate(text)).toEqual(expect.stringContaining(words));
  expect(templateMistakes({ job: { list: ['fine', text] } })).toEqual([
    { field: 'job.list[1]', problem: expect.stringContaining(words) },
  ]);
});

test('each text of a value is reached but names of secrets and keys', () => {
  const value = { a: ['x', { b: 'y', n: 1, none: undefined }], password: { secret: 'x' } };
  expect(mapTexts(value, (text, field) => `${field}=${text}`)).toEqual({
    a: ['a[0]=x', { b: 'a[1].b=y', n: 1 }],
    password: { secret: 'x' },
  });
});

test('no token is the beginning of a longer run of its letter that means something else', () => {
  for (const token of Object.keys(formatTokens)) {
    expect(sampleTexts(`{{scheduledTime | ${token}}}`)).toBe(
      formatTokens[token as keyof typeof formatTokens],
    );
  }
});
