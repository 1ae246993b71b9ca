import { checkKey, keySegment } from '../../src/artifacts/keys';

describe('keySegment', () => {
  it('leaves plain text as it is', () => {
    expect(keySegment('orders-2026_07.sql')).toBe('orders-2026_07.sql');
  });

  it.each(
    [
      '..',
      '.',
      '',
      '../../etc/passwd',
      '/absolute',
      '.unfinished',
      'a\\b',
      'a\0b',
      'ends.',
      'a~b',
      'Größe ☂',
      '\ud800',
      'x'.repeat(5000),
      '☂'.repeat(5000),
    ].map((text) => [text.slice(0, 30), text]),
  )('makes one safe segment of %j', (_, text) => {
    const segment = keySegment(text);
    expect(segment).not.toContain('/');
    expect(() => checkKey(segment)).not.toThrow();
    expect(() => checkKey(`jobs/${segment}/log.txt`)).not.toThrow();
  });

  it('keeps different texts apart', () => {
    const long = 'x'.repeat(300);
    const texts = ['', '.', '%2E', 'a/b', 'a%2Fb', `${long}1`, `${long}2`, '\ud800', '\ud801', '�'];
    texts.push(keySegment(`${long}1`));
    expect(new Set(texts.map(keySegment)).size).toBe(texts.length);
  });
});

it('refuses a key with half a surrogate pair, which a file system would take for another key', () => {
  expect(() => checkKey('jobs/\ud800/log.txt')).toThrow('holds half a character');
  expect(() => checkKey('jobs/\u{1f600}/log.txt')).not.toThrow();
});
