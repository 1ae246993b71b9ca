import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { LiteralSecret } from '../../src/config/secret-source';
import { SecretResolver } from '../../src/config/secrets';
import { folderWith, problemsOf } from './support';

describe('resolve', () => {
  it('reads from the environment and from files, without the last line break', async () => {
    const folder = folderWith({ unix: 'from a file \n', windows: 'crlf\r\n', two: 'a\n\n' });
    const file = (name: string) => ({ file: path.join(folder, name) });
    const sources = {
      env: { env: 'E' },
      unix: file('unix'),
      windows: file('windows'),
      two: file('two'),
    };
    const secrets = new SecretResolver(sources, { E: ' kept as it is ' });
    expect(await secrets.resolve({ secret: 'env' })).toBe(' kept as it is ');
    expect(await secrets.resolve({ secret: 'unix' })).toBe('from a file ');
    expect(await secrets.resolve({ secret: 'windows' })).toBe('crlf');
    expect(await secrets.resolve({ secret: 'two' })).toBe('a\n');
  });

  it('reads anew each time, so that a rotated secret is taken', async () => {
    const file = path.join(folderWith({ s: 'old-value' }), 's');
    const secrets = new SecretResolver({ S: { file } }, {});
    await secrets.resolve({ secret: 'S' });
    writeFileSync(file, 'new-value');
    expect(await secrets.resolve({ secret: 'S' })).toBe('new-value');
    expect(secrets.redact('old-value new-value')).toBe('[redacted] [redacted]');
  });

  it('names what is missing, and the nearest name', async () => {
    const empty = path.join(folderWith({ empty: '\n' }), 'empty');
    const secrets = new SecretResolver(
      {
        HIVE_PASSWORD: { env: 'NOT_SET' },
        FILE: { file: '/no/such/file' },
        EMPTY: { file: empty },
      },
      { NOT_SET: '' },
    );
    const sentence = async (secret: string) =>
      (await problemsOf(() => secrets.resolve({ secret }))).join();
    expect(await sentence('HIVE_PASWORD')).toContain('Did you mean "HIVE_PASSWORD"?');
    expect(await sentence('toString')).toContain('has no secret "toString"');
    expect(await sentence('HIVE_PASSWORD')).toContain(
      'environment variable NOT_SET, which is not set',
    );
    expect(await sentence('FILE')).toContain("/no/such/file, which doesn't exist");
    expect(await sentence('EMPTY')).toContain('which is empty');
  });
});

describe('redact', () => {
  const secret = 'pä ss/w+rd"&<1>';
  async function resolver(value: string) {
    const secrets = new SecretResolver({ S: { env: 'S' } }, { S: value });
    await secrets.resolve({ secret: 'S' });
    return secrets;
  }

  it.each([
    ['as it is', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ v: secret }).toString().slice(2)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in HTML', secret.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')],
    ['in base64', Buffer.from(secret).toString('base64url')],
  ])('takes a secret out %s', async (_, spelled) => {
    const clean = (await resolver(secret)).redact(`before ${spelled} after`);
    expect(clean).toMatch(/^before \[redacted\].? after$/);
  });

  it.each(['', 'u:', 'user:', 'user1:'])(
    'takes a secret out of the base64 of %j and the secret',
    async (before) => {
      const value = 's3cr3t-pass';
      const secrets = await resolver(value);
      for (const after of ['', '@', '@h', '@ho']) {
        const encoded = Buffer.from(`${before}${value}${after}`).toString('base64');
        const clean = secrets.redact(`Basic ${encoded}`);
        const decoded = Buffer.from(clean.replace('[redacted]', '').slice(6), 'base64');
        expect(clean).toContain('[redacted]');
        expect(decoded.toString('latin1')).not.toContain(value.slice(2, -2));
      }
    },
  );

  it('takes out the whole of a secret that contains another one', async () => {
    const secrets = new SecretResolver(
      { A: { env: 'A' }, B: { env: 'B' } },
      { A: 'abcd', B: 'abcdef' },
    );
    await secrets.resolve({ secret: 'A' });
    await secrets.resolve({ secret: 'B' });
    expect(secrets.redact('abcdef abcd')).toBe('[redacted] [redacted]');
  });

  it('leaves alone what is no secret: the public token, a word of three letters', async () => {
    for (const value of ['token', 'abc']) {
      expect((await resolver(value)).redact(`the ${value} stays`)).toBe(`the ${value} stays`);
    }
  });
});

describe('a literal secret of a program', () => {
  it('is read, redacted, and shown by nothing that prints it', async () => {
    const source = new LiteralSecret('c4nary-value');
    const secrets = new SecretResolver({ S: source }, {});
    expect(await secrets.resolve({ secret: 'S' })).toBe('c4nary-value');
    expect(secrets.redact('c4nary-value')).toBe('[redacted]');
    const shown = [inspect(source, { showHidden: true, depth: 9 }), JSON.stringify(source)];
    expect(shown.join()).not.toContain('c4nary');
  });
});
