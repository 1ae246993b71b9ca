import { inspect } from 'node:util';
import { z } from 'zod';
import { HttpError, WireError } from '../../../src/clients/http/errors';
import { redact } from '../../../src/clients/http/redaction';
import { httpError, retryAfterMs, serviceWords } from '../../../src/clients/http/service-words';
import { checkShape, parseJson } from '../../../src/clients/http/shape';

describe('redaction', () => {
  it('takes out a secret in every spelling that a service may echo it in', () => {
    const secret = 'p&ss "w|rd" <1>';
    const echoed = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret),
      new URLSearchParams({ x: secret }).toString(),
      'p&amp;ss "w|rd" &lt;1&gt;',
      'p&amp;ss &quot;w|rd&quot; &lt;1&gt;',
      // JSON inside JSON, as jobhistory's paramsJson; and the way Gson writes it.
      JSON.stringify(JSON.stringify(secret)).slice(3, -3),
      'p\\u0026ss \\"w|rd\\" \\u003c1\\u003e',
      encodeURIComponent(secret).toLowerCase(),
    ];
    for (const text of echoed)
      expect(redact(`x=${text}!`, [secret])).toMatch(/^x="?x?=?\[redacted\]"?!$/);
  });

  it('takes out a secret that no URL could hold', () => {
    expect(redact('it was half-\ud800!', ['half-\ud800'])).toBe('it was [redacted]!');
  });

  it('takes out whatever follows a field that holds a credential', () => {
    expect(redact('userId=u&token=abc123&jobId=7')).toBe('userId=u&token=[redacted]&jobId=7');
    expect(redact('{"secretKey": "abc", "password":"x, \\"y", "jobId":"7"}')).toBe(
      '{"secretKey": "[redacted]", "password":"[redacted]", "jobId":"7"}',
    );
    expect(redact('Set-Cookie: session=1; Path=/\nok')).toBe('Set-Cookie: [redacted]\nok');
  });

  it("leaves the service's words alone", () => {
    const words = 'Invalid user or token, access deny.';
    expect(redact(words, [''])).toBe(words);
  });

  it('takes out a secret that contains another one as a whole', () => {
    expect(redact('long-abc-key and abc', ['abc', 'long-abc-key'])).toBe(
      '[redacted] and [redacted]',
    );
  });
});

describe("the service's words", () => {
  it.each([
    ['{"code":500,"error":"boom"}', 'boom'],
    ['{"code":429,"error":"rate_limit_exceeded","message":"wait"}', 'rate_limit_exceeded: wait'],
    [
      '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
      '502 Bad Gateway',
    ],
    ['<p>no <b>title</b></p>', 'no title'],
    ['  Sorry,\n the service is busy. ', 'Sorry, the service is busy.'],
    ['{broken', '{broken'],
    ['', ''],
  ])('in %s are %s', (body, words) => {
    expect(serviceWords(body)).toBe(words);
  });

  it('are at most 300 characters, and a secret at the cut leaves nothing behind', () => {
    const words = serviceWords(`${'x'.repeat(290)}canary-5ecret-canary`, ['canary-5ecret-canary']);
    expect(words).toHaveLength(300);
    expect(words).not.toContain('canary');
  });
});

it('reads Retry-After as seconds or as a date', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterMs('5', nowMs)).toBe(5000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', nowMs)).toBe(30_000);
  expect(retryAfterMs('Thu, 01 Jan 2020 00:00:30 GMT', nowMs)).toBe(0);
  expect(retryAfterMs('soon', nowMs)).toBeUndefined();
  expect(retryAfterMs(undefined, nowMs)).toBeUndefined();
});

describe('an HTTP error', () => {
  const answer = (status: number, text: string, headers = {}) => ({
    status,
    text,
    headers,
    contentType: '',
    endpoint: 'POST /sqlflow/job/submitUserJob',
    request: { method: 'POST', url: 'http://h/p/sqlflow/job/submitUserJob', fields: ['token'] },
  });

  it('says where, what and what to do, without a secret', () => {
    const error = httpError(answer(404, 'no such path for canary-5ecret'), {
      secrets: ['canary-5ecret'],
      advice: 'is the prefix right?',
    });
    expect(error.message).toBe(
      'POST http://h/p/sqlflow/job/submitUserJob answered HTTP 404: no such path for [redacted] (is the prefix right?)',
    );
    expect(error.code).toBe('Http.404');
    expect(inspect(error, { depth: 10 })).not.toContain('5ecret');
  });

  it.each([
    [400, 'no'],
    [401, 'no'],
    [408, 'maybe'],
    [413, 'no'],
    [429, 'no'],
    [500, 'maybe'],
    [502, 'maybe'],
    [504, 'maybe'],
  ])('with status %i has perhaps taken effect: %s', (status, sent) => {
    expect(httpError(answer(status, '')).sent).toBe(sent);
  });

  it('keeps the wait that was asked for', () => {
    const error = httpError(answer(429, '', { 'retry-after': '7' }));
    expect(error).toBeInstanceOf(HttpError);
    expect(error.retryAfterMs).toBe(7000);
  });
});

describe('an unexpected shape', () => {
  const schema = z.object({
    jobs: z.array(z.object({ jobId: z.string().min(1, 'a text that is not empty') })),
  });
  const shape = (value: unknown): WireError => {
    try {
      checkShape(schema, value, 'POST /x', 'data');
    } catch (error) {
      return error as WireError;
    }
    throw new Error('accepted');
  };

  it('is named by endpoint and field, never by its value', () => {
    const error = shape({ jobs: [{ jobId: 'a' }, { jobId: 7 }] });
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({
      endpoint: 'POST /x',
      field: 'data.jobs[1].jobId',
      expected: 'a text',
      found: 'a number',
      sent: 'maybe',
    });
    expect(error.message).toBe(
      'POST /x answered with an unexpected shape: data.jobs[1].jobId should be a text, but is a number',
    );
  });

  it.each([
    [undefined, 'data', 'an object', 'missing'],
    [null, 'data', 'an object', 'null'],
    [{}, 'data.jobs', 'a list', 'missing'],
    [{ jobs: { a: 1 } }, 'data.jobs', 'a list', 'an object'],
    [{ jobs: [{ jobId: '' }] }, 'data.jobs[0].jobId', 'a text that is not empty', 'an empty text'],
  ])('%j is told as %s', (value, field, expected, found) => {
    expect(shape(value)).toMatchObject({ field, expected, found });
  });

  it.each([
    ['', 'empty'],
    ['<!DOCTYPE html><p>login', 'an HTML page; is the base URL right?'],
    ['{"a":', 'broken JSON'],
    ['hello', 'text'],
  ])('the text %j is no JSON, and said to be %s', (text, found) => {
    expect(() => parseJson(text, 'POST /x')).toThrow(
      `POST /x answered with an unexpected shape: body should be JSON, but is ${found}`,
    );
  });
});
