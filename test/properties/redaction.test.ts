import fc from 'fast-check';
import { redact } from '../../src/clients/http/redaction';
import { clip, serviceWords } from '../../src/clients/http/service-words';
import { Redactor } from '../../src/config/redactor';
import { text } from './generated';

/** Not a piece of what stands in its place, which no redaction could take out. */
const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
    fc.constantFrom(
      'p&ss "w|rd" <1>',
      "it's=a+secret/",
      '100% secret\\',
      '密码密码',
      'half-\ud800',
    ),
  )
  .filter(
    (value) => value.trim().length >= 4 && !/[[\]]/.test(value) && !'redacted'.includes(value),
  );

const around = fc.tuple(text, text);

/** How services echo a value. */
const spellings: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  url: (value) => encodeURIComponent(Buffer.from(value).toString()),
  form: (value) => new URLSearchParams({ value }).toString(),
  json: (value) => JSON.stringify({ value }),
  'json inside json': (value) => JSON.stringify({ params: JSON.stringify({ value }) }),
  html: (value) =>
    `<b>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</b>`,
};

test.each(Object.entries(spellings))('no secret survives in any text, echoed as %s', (_, echo) => {
  fc.assert(
    fc.property(secret, around, (value, [before, after]) => {
      const words = `${before}${echo(value)}${after}`;
      const clean = redact(words, [value]);
      expect(clean).not.toContain(echo(value));
      expect(clean).not.toContain(value);
      expect(clip(words, [value])).not.toContain(value);
      expect(serviceWords(words, [value])).not.toContain(value);
    }),
  );
});

test('no secret survives in base64, wherever it begins there', () => {
  fc.assert(
    fc.property(
      secret.filter((value) => Buffer.byteLength(value) >= 9),
      around,
      (value, [before, after]) => {
        const redactor = new Redactor();
        redactor.remember(value);
        const encoded = Buffer.from(`${before}${value}${after}`).toString('base64');
        const decoded = Buffer.from(redactor.redact(encoded), 'base64').toString();
        expect(decoded).not.toContain(Buffer.from(value).toString());
        expect(redactor.redact(`Basic ${encoded}`)).not.toContain(encoded);
      },
    ),
  );
});

test('of several secrets, one inside another too, none survives', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      around,
      (values, [before, after]) => {
        const all = [...values, values.join('')];
        const clean = redact(`${before}${all.join(after)}${before}`, all);
        for (const value of all) expect(clean).not.toContain(value);
      },
    ),
  );
});

test('what follows the name of a credential is taken out though nobody knows it, and no line is lost', () => {
  const name = fc.constantFrom('token', 'secretKey', 'password', 'PASSWORD', 'user_token', 'pwd');
  fc.assert(
    fc.property(fc.uuid(), name, text, (value, field, before) => {
      for (const echo of [
        `${field}=${value}`,
        `"${field}": "${value}, too"`,
        `'${field}':'${value}'`,
      ]) {
        const clean = redact(`${before} ${echo}\nnext "line"\n`);
        expect(clean).not.toContain(value);
        expect(clean).not.toContain('too');
        expect(clean.endsWith('\nnext "line"\n')).toBe(true);
      }
    }),
  );
});
