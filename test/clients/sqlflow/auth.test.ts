import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import {
  HttpError,
  SqlFlowClient,
  VendorError,
  type InputError,
} from '../../../src/clients/sqlflow/public';
import { failureOf } from '../http/server';
import { closeAll, fixture, scripted, type Call, type Reply } from './service';

afterEach(closeAll);

const signal = new AbortController().signal;
const refused = fixture('token-refused.json');
const jobs = fixture('jobs-summary.json');

/** A service whose tokens are numbered; only those in `valid` are accepted. */
function tokens(valid: Set<string>, whenRefused: Reply | string = refused) {
  let made = 0;
  return (call: Call) => {
    if (call.endpoint === 'generateToken') {
      made += 1;
      return JSON.stringify({ code: '200', userId: call.fields.userId, token: `canary-t${made}` });
    }
    return valid.has(call.fields.token ?? '') ? jobs : whenRefused;
  };
}

const count = (calls: readonly Call[], endpoint: string) =>
  calls.filter((call) => call.endpoint === endpoint).length;

it('makes a token of the secret key when it is first needed, and keeps it', async () => {
  const { client, calls } = await scripted(tokens(new Set(['canary-t1'])));
  await client.displayUserJobsSummary(signal);
  await client.displayUserJobsSummary(signal);
  expect(calls.map((call) => call.endpoint)).toEqual([
    'generateToken',
    'displayUserJobsSummary',
    'displayUserJobsSummary',
  ]);
  expect(calls[0]?.path).toBe('/gspLive_backend/user/generateToken');
  expect(calls[0]?.fields).toEqual({
    userId: 'google-oauth2|104002923119102769706',
    secretKey: 'canary-secret-key',
  });
});

it.each<[string, Reply | string]>([
  ['code 401 in HTTP 200', refused],
  ['a code "401" that is a text', fixture('generate-token-refused.json')],
  ['a real HTTP 401 with the envelope', { status: 401, text: refused }],
  ['a bare HTTP 401', { status: 401, text: '' }],
])('renews the token on %s, and repeats the call once', async (_, reply) => {
  const { client, calls } = await scripted(tokens(new Set(['canary-t2']), reply));
  expect((await client.displayUserJobsSummary(signal)).total).toBe(4);
  expect(calls.map((call) => call.fields.token)).toEqual([
    undefined,
    'canary-t1',
    undefined,
    'canary-t2',
  ]);
});

it('renews once for all calls that find the token refused', async () => {
  const valid = new Set(['canary-t1']);
  const { client, calls } = await scripted(tokens(valid));
  await client.displayUserJobsSummary(signal);
  valid.clear();
  valid.add('canary-t2');
  const results = await Promise.all(
    Array.from({ length: 25 }, () => client.displayUserJobsSummary(signal)),
  );
  expect(results.every((list) => list.total === 4)).toBe(true);
  expect(count(calls, 'generateToken')).toBe(2);
});

it('asks for the first token once, however many calls need it', async () => {
  const { client, calls } = await scripted(tokens(new Set(['canary-t1'])));
  await Promise.all(Array.from({ length: 10 }, () => client.displayUserJobsSummary(signal)));
  expect(count(calls, 'generateToken')).toBe(1);
});

it('takes up the token that another call renewed while its own was on the way', async () => {
  const valid = new Set(['canary-t1']);
  const held: (() => void)[] = [];
  const script = tokens(valid);
  const { client, calls } = await scripted((call, response) => {
    if (call.fields.jobId !== 'slow' || call.fields.token !== 'canary-t1') return script(call);
    held.push(() => response.end(refused));
    return undefined;
  });
  await client.displayUserJobsSummary(signal);
  const slow = client.deleteUserJob('slow', signal).catch((error: unknown) => error);
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  valid.clear();
  valid.add('canary-t2');
  await client.displayUserJobsSummary(signal);
  held.forEach((release) => release());
  await slow;
  expect(count(calls, 'generateToken')).toBe(2);
  expect(calls.at(-1)?.fields.token).toBe('canary-t2');
});

it('ends after one repeat, in clear words', async () => {
  const { client, calls } = await scripted(tokens(new Set()));
  const error = await failureOf<VendorError>(client.displayUserJobsSummary(signal));
  expect(error).toBeInstanceOf(VendorError);
  expect(error).toMatchObject({ kind: 'auth', vendorCode: 401, httpStatus: 200, sent: 'no' });
  expect(error.message).toBe(
    'POST /sqlflow/job/displayUserJobsSummary was refused with code 401: Invalid user or token, access deny. (a token renewed a moment ago was refused as well: check userId)',
  );
  expect(count(calls, 'displayUserJobsSummary')).toBe(2);
});

it('says that userId or secretKey is wrong where no token is made of them', async () => {
  const { client, calls } = await scripted(() => fixture('generate-token-refused.json'));
  const error = await failureOf<VendorError>(client.displayUserJobsSummary(signal));
  expect(error).toMatchObject({ kind: 'auth', vendorCode: 401 });
  expect(error.message).toBe(
    'POST /user/generateToken was refused with code 401: Invalid user or token, access deny. (the service refused userId and secretKey: check both)',
  );
  expect(calls).toHaveLength(1);
});

it('doesn’t hold on to a failed renewal', async () => {
  let isDown = true;
  const script = tokens(new Set(['canary-t1']));
  const { client } = await scripted((call) => (isDown ? { status: 502, text: '' } : script(call)));
  expect(await failureOf(client.displayUserJobsSummary(signal))).toBeInstanceOf(HttpError);
  isDown = false;
  expect((await client.displayUserJobsSummary(signal)).total).toBe(4);
});

it('does not renew on an expired account (403): a new token wouldn’t help', async () => {
  const { client, calls } = await scripted(tokens(new Set(), '{"code":403,"error":"expired"}'));
  expect(await failureOf(client.displayUserJobsSummary(signal))).toMatchObject({ kind: 'auth' });
  expect(count(calls, 'generateToken')).toBe(1);
});

it('sends the files from their start again when a submit is repeated', async () => {
  let opened = 0;
  const script = tokens(new Set(['canary-t2']));
  const { client, calls } = await scripted((call) =>
    call.fields.token === 'canary-t2' ? fixture('submit.json') : script(call),
  );
  await client.submitUserJob(
    {
      jobName: 'j',
      dbVendor: 'dbvhive',
      files: [
        {
          name: '1.sql',
          sizeBytes: 8,
          open: () => {
            opened += 1;
            return Readable.from([Buffer.from('select 1')], { objectMode: false });
          },
        },
      ],
    },
    signal,
  );
  expect(opened).toBe(2);
  expect(calls.at(-1)?.files).toEqual([['sqlfiles', '1.sql', 'select 1']]);
});

it('leaves the others alone when one caller aborts its wait for the token', async () => {
  const held: (() => void)[] = [];
  const { client } = await scripted((call, response) => {
    if (call.endpoint !== 'generateToken') return jobs;
    held.push(() => response.end(fixture('generate-token.json')));
    return undefined;
  });
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const leaving = client.displayUserJobsSummary(abort.signal);
  const staying = client.displayUserJobsSummary(signal);
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort(reason);
  await expect(leaving).rejects.toBe(reason);
  held.forEach((release) => release());
  expect((await staying).total).toBe(4);
});

describe('generateToken', () => {
  it('makes a new token and holds it', async () => {
    const { client, calls } = await scripted(tokens(new Set(['canary-t2'])));
    expect(await client.generateToken(signal)).toBe('canary-t1');
    expect(await client.generateToken(signal)).toBe('canary-t2');
    await client.displayUserJobsSummary(signal);
    expect(count(calls, 'generateToken')).toBe(2);
  });

  it.each([
    ['{"code":"200","userId":"u"}', 'missing'],
    ['{"code":"200","token":""}', 'a text'],
  ])('refuses %s as a token', async (body) => {
    const { client } = await scripted(() => body);
    expect(await failureOf(client.generateToken(signal))).toMatchObject({
      name: 'WireError',
      endpoint: 'POST /user/generateToken',
      field: 'token',
    });
  });
});

describe('a fixed token', () => {
  const onPremise = { userId: 'gudu|0123456789', credential: { token: 'token' } };

  it('is sent as it is, and no other is ever made', async () => {
    const { client, calls } = await scripted(tokens(new Set(['token'])), onPremise);
    await client.displayUserJobsSummary(signal);
    expect(calls.map((call) => [call.endpoint, call.fields])).toEqual([
      ['displayUserJobsSummary', { userId: 'gudu|0123456789', token: 'token' }],
    ]);
    const error = await failureOf<InputError>(client.generateToken(signal));
    expect(error).toMatchObject({
      name: 'InputError',
      message:
        'credential is a fixed token, from which no other can be made; give a secretKey for that',
    });
    expect(calls).toHaveLength(1);
  });

  it('that is refused ends the call at once, in clear words', async () => {
    const { client, calls } = await scripted(tokens(new Set()), onPremise);
    const error = await failureOf<VendorError>(client.displayUserJobsSummary(signal));
    expect(error).toMatchObject({ kind: 'auth', vendorCode: 401 });
    expect(error.message).toContain('Invalid user or token, access deny.');
    expect(error.message).toContain(
      'the token of this connection is fixed and cannot be renewed: give a valid one, or a secretKey',
    );
    expect(calls).toHaveLength(1);
  });
});

it.each([
  [{ userId: ' ' }, 'userId must not be blank'],
  [{ credential: { secretKey: '' } }, 'credential.secretKey must not be blank'],
  [{ credential: { token: ' ' } }, 'credential.token must not be blank'],
  [{ url: 'localhost:8081' }, 'baseUrl must begin with http:// or https://'],
])('refuses a client with %j', (wrong, message) => {
  const options = { url: 'http://h', userId: 'u', credential: { secretKey: 's' }, ...wrong };
  expect(() => new SqlFlowClient(options)).toThrow(message);
});

it('shows no secret in any error or in itself, even where the service echoes the request', async () => {
  const echoing = (call: Call): Reply | string => {
    if (call.endpoint === 'generateToken') return fixture('generate-token.json');
    const echo = JSON.stringify(call.fields);
    switch (call.endpoint) {
      case 'submitUserJob':
        return JSON.stringify({ code: 500, error: `failed for ${echo}` });
      case 'rerunJob':
        return { status: 500, text: `failed for ${new URLSearchParams(call.fields).toString()}` };
      case 'deleteUserJob':
        return `{"code":200,"error":${JSON.stringify(echo)},"data":{"jobId":"1","status":"delete"}}`;
      case 'exportFullLineageAsCsv':
        return JSON.stringify({ code: 400, error: `no: ${echo}` });
      case 'displayUserJobSummary':
        return `{"code":200,"data":${echo}}`;
      default:
        return `<p>${echo}</p>`;
    }
  };
  const { client } = await scripted(echoing);
  const database = { hostname: 'h', port: 1, account: 'a', password: 'canary-db-password' };
  const seen = [
    client,
    await failureOf(client.submitUserJob({ jobName: 'j', dbVendor: 'dbvhive', database }, signal)),
    await failureOf(client.rerunJob({ jobId: '1', jobName: 'j' }, signal)),
    await client.deleteUserJob('1', signal),
    await failureOf(client.exportFullLineageAsCsv('1', {}, signal)),
    await failureOf(client.displayUserJobSummary({ jobId: '1' }, signal)),
    await failureOf(client.displayUserJobsSummary(signal)),
  ];
  const text = inspect(seen, { depth: 20, showHidden: true }) + JSON.stringify(seen);
  expect(text).toContain('[redacted]');
  expect(text).not.toContain('canary');
});
