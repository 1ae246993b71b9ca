import { logWithoutSecrets, linesWithoutSecrets } from '../../activities/without-secrets';
import { openSettings } from '../../src/config/options';

const key = ['-----BEGIN KEY-----', 'c2VjcmV0IG9uZQ==', 'c2VjcmV0IHR3bw==', '-----END KEY-----'];
const { secrets } = openSettings({
  connections: {},
  secrets: { KEY: { value: key.join('\n') }, DOOR: { value: 'open-sesame' } },
});

/** A log in pieces of so many lines each. */
async function clean(lines: readonly string[], pieceLines: number): Promise<string[]> {
  async function* pieces() {
    for (let at = 0; at < lines.length; at += pieceLines) yield lines.slice(at, at + pieceLines);
  }
  const all: string[] = [];
  for await (const some of logWithoutSecrets(pieces(), secrets)) all.push(...some);
  return all;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

test.each([1, 2, 3, 4, 5, 7, 50])(
  'a secret of several lines is found wherever the log is cut (%d lines)',
  async (pieceLines) => {
    for (const before of [0, 1, 2, 3, 4, 5, 6]) {
      const lines = [
        ...numbered(before),
        ...key,
        ...key,
        'open-sesame',
        'Cookie:',
        '',
        'a=b',
        'end',
      ];
      const cleaned = await clean(lines, pieceLines);
      const expected = secrets.redact(lines.join('\n')).split('\n');
      expect(expected).not.toContain(key[1]);
      expect(cleaned).toEqual(expected);
    }
  },
);

test('nothing but secrets is as much a log as any', async () => {
  const lines = Array.from({ length: 500 }, () => key).flat();
  expect((await clean(lines, 7)).join('\n')).not.toContain('c2Vj');
});

test.each([1, 2, 3])(
  'a secret whose lines come in two pages of a live log shows none of them (cut after %d)',
  async (cut) => {
    const pages = [
      ['begin', ...key.slice(0, cut)],
      [...key.slice(cut), 'end'],
    ];
    const kept = await Promise.all(pages.map((page) => linesWithoutSecrets(page, secrets)));
    const redacted = key.map(() => '[redacted]');
    expect(kept.flat()).toEqual(['begin', ...redacted, 'end']);
  },
);

test('the border of a piece hides no secret', async () => {
  const lines = [...numbered(998), ...key, ...numbered(998), ...key];
  expect(await linesWithoutSecrets(lines, secrets)).toEqual([
    ...numbered(998),
    '[redacted]',
    ...numbered(998),
    '[redacted]',
  ]);
});
