import { Readable } from 'node:stream';
import { VendorError, WireError } from '../../../src/clients/linkis/public';
import { readWholeLog } from '../../../src/clients/linkis/whole-log';
import { failure } from './gateway';

/** What traps a reader of pieces: escapes, wide characters, quotes, line ends of both kinds. */
const lines = [
  '2026-08-11 10:00:00.000 INFO begin',
  'ends in a backslash \\',
  'C:\\new\\table "quoted" \\n is no line end',
  '',
  'Grüße, 数据, 😀😀, \u2028 and \u0007',
  'a progress bar\r  50 %\r 100 %',
  '😀'.repeat(40),
  'end',
];
const text = `${lines.slice(0, 4).join('\r\n')}\r\n${lines.slice(4).join('\n')}\n`;

const answered = (log: unknown, more: object = {}) =>
  JSON.stringify({ method: '/api/x', status: 0, message: 'OK', data: { log }, ...more });

async function read(answer: string, pieceBytes = 1000, status = 200): Promise<string[]> {
  const bytes = Buffer.from(answer);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  const log = await readWholeLog(
    {
      status,
      headers: {},
      contentType: 'application/json',
      endpoint: 'GET /filesystem/openLog',
      request: { method: 'GET', url: 'http://host/', fields: [] },
      body: Readable.from(pieces),
    },
    { secrets: [], asksForOne: true },
  );
  const all: string[] = [];
  for await (const some of log) all.push(...some);
  return all;
}

test.each([1, 2, 3, 5, 7, 16, 1000])('a log is whole in pieces of %d bytes', async (pieceBytes) => {
  expect(await read(answered(['no', null, 'no', text]), pieceBytes)).toEqual(lines);
  expect(await read(answered(text), pieceBytes)).toEqual(lines);
  const escaped = answered(text).replace(/[\u0080-\uffff]/g, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  expect(await read(escaped, pieceBytes)).toEqual(lines);
});

test.each([
  [null, []],
  ['', []],
  [['', '', '', ''], []],
  [[null, null, null, null], []],
  ['\n', ['']],
  ['a\n\n', ['a', '']],
  ['a', ['a']],
])('a log of %j has the lines %j', async (log, expected) => {
  expect(await read(answered(log))).toEqual(expected);
});

test.each([4, 1000])(
  'a log that ends too early is an error at its end (%d)',
  async (pieceBytes) => {
    const whole = answered(['', '', '', text]);
    for (const left of [1, 2, 3, 30]) {
      const error = await failure(read(whole.slice(0, -left), pieceBytes), WireError);
      expect(error).toMatchObject({ field: 'body', found: 'broken JSON' });
    }
  },
);

test('a refusal is none that looks like a log, also where its status comes last', async () => {
  const refused = '{"data":{"log":["","","","a\\nb"]},"message":"no such file","status":1}';
  const error = await failure(read(refused), VendorError);
  expect(error).toMatchObject({ kind: 'refused', serviceMessage: 'no such file' });
});

test.each([200, 401])('a session that has ended is told as that (HTTP %d)', async (status) => {
  const words = '{"method":"x","status":-1,"message":"You are not logged in","data":{}}';
  expect(await failure(read(words, 1000, status), VendorError)).toMatchObject({ kind: 'auth' });
});

test.each([
  ['{"status":0,"data":{}}', 'data.log', 'missing'],
  ['{"status":0,"data":null}', 'data.log', 'missing'],
  ['{"status":0,"data":{"log":["a","b"]}}', 'data.log', 'a list of 2'],
  ['{"status":0,"data":{"log":[]}}', 'data.log', 'an empty list'],
  ['{"status":0,"data":{"log":{"all":"a"}}}', 'data.log', 'an object'],
  ['{"data":{"log":"a"}}', 'status', 'missing'],
  ['{"status":0,"data":{"log":"a\nb"}}', 'data.log', 'broken JSON'],
  ['<html>sign in</html>', 'body', 'an HTML page; is the base URL right?'],
  ['', 'body', 'empty'],
])('%s is no log', async (answer, field, found) => {
  expect(await failure(read(answer), WireError)).toMatchObject({ field, found });
});
