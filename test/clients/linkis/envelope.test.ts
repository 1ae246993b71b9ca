import { inspect } from 'node:util';
import {
  HttpError,
  VendorError,
  WireError,
  isEndpointAbsent,
} from '../../../src/clients/linkis/public';
import { Gateway, call, execId, failure, says, saysText } from './gateway';

describe('the Linkis envelope', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.close());

  const getTask = () => gateway.client().getTask('1946923', call);

  it.each([
    ['verification-failed', 412, 2, 'refused'],
    ['no-access', 403, 3, 'refused'],
    ['warning', 206, 4, 'refused'],
    ['session-expired', 401, 11002, 'auth'],
    ['jobhistory-get-missing', 400, 1, 'notFound'],
    ['jobhistory-get-missing', 200, 1, 'notFound'],
    ['no-access', 200, 3, 'refused'],
    ['session-expired', 200, 11002, 'auth'],
  ])('reads %s with HTTP %i as a refusal', async (name, status, vendorCode, kind) => {
    gateway.answer(says(name, status));
    const error = await failure(getTask(), VendorError);
    expect(error).toMatchObject({ kind, vendorCode, httpStatus: status });
    expect(error.endpoint).toBe('GET /api/rest_j/v1/jobhistory/1946923/get');
  });

  it('reads a refusal without data, and one that nests its code', async () => {
    gateway.answer(saysText('{"method":null,"status":1,"message":"no"}', 400));
    expect(await failure(getTask(), VendorError)).toMatchObject({ kind: 'refused', vendorCode: 1 });
    const nested = { status: 1, message: 'no', data: { errorMsg: { errCode: 20052 } } };
    gateway.answer(saysText(JSON.stringify(nested), 400));
    const error = await failure(getTask(), VendorError);
    expect(error).toMatchObject({ kind: 'server', vendorCode: 20052 });
  });

  it('reads an error of the gateway itself, whose data is a list, by its HTTP status', async () => {
    gateway.answer(says('gateway-entrance-dead', 500));
    const error = await failure(gateway.client().status(execId, {}, call), HttpError);
    expect(error.status).toBe(500);
    expect(error.serviceMessage).toContain('Internal Server Error, with request path');
  });

  it('never takes a missing route for a missing task, whatever the HTTP status', async () => {
    const noRoute = JSON.stringify({ method: '/x', data: [], message: 'Not Found', status: 404 });
    gateway.answer(saysText(noRoute, 404));
    const spelled = await failure(getTask(), HttpError);
    expect(isEndpointAbsent(spelled)).toBe(true);
    gateway.answer(saysText(noRoute, 200));
    const hidden = await failure(getTask(), VendorError);
    expect(hidden.kind).toBe('server');
    expect(isEndpointAbsent(hidden)).toBe(true);
    gateway.answer(says('jobhistory-get-missing', 400));
    expect(isEndpointAbsent(await failure(getTask(), VendorError))).toBe(false);
  });

  it.each([
    ['a bare 429 with Retry-After', '', 429, { 'retry-after': '3' }, { retryAfterMs: 3000 }],
    ["a proxy's 502 page", '<html><title>502 Bad Gateway</title></html>', 502, {}, {}],
    ['an envelope with HTTP 503', '{"status":1,"message":"down","data":null}', 503, {}, {}],
    ['a redirect to a login page', '', 302, { location: '/login' }, {}],
  ])('is an HttpError for %s', async (_title, text, status, headers, more) => {
    gateway.answer(saysText(text, status, headers));
    expect(await failure(getTask(), HttpError)).toMatchObject({ status, ...more });
  });

  it.each([
    [
      'an HTML page',
      '<!doctype html><html></html>',
      'body',
      'an HTML page; is the base URL right?',
    ],
    ['broken JSON', '{"status":0,', 'body', 'broken JSON'],
    ['nothing at all', '', 'body', 'empty'],
    ['a list', '[]', 'body', 'a list of 0'],
    [
      'an abyss',
      `{"status":0,"data":${'['.repeat(200)}${']'.repeat(200)}}`,
      'body',
      'nested deeper',
    ],
    ['no status', '{"data":{}}', 'status', 'missing'],
    ['no data', '{"status":0,"message":"OK"}', 'data', 'missing'],
    ['data that is a list', '{"status":0,"message":"OK","data":[]}', 'data', 'a list of 0'],
  ])('is a WireError for %s with HTTP 200', async (_title, text, field, found) => {
    gateway.answer(saysText(text));
    expect(await failure(getTask(), WireError)).toMatchObject({ field, found });
  });

  it('keeps the token out of every corner of an error, though the service echoes it', async () => {
    gateway.answer(says('token-unknown', 401));
    const error = await failure(getTask(), VendorError);
    expect(error).toMatchObject({ kind: 'auth', vendorCode: 15206 });
    expect(error.serviceMessage).toContain('[redacted]');
    const everything = inspect(error, { depth: Infinity, showHidden: true }) + String(error.stack);
    expect(everything).not.toContain('local-secret-token');

    gateway.answer(saysText('{"timestamp":1,"error":"no local-secret-token here"}', 502));
    const http = await failure(getTask(), HttpError);
    expect(inspect(http, { depth: Infinity, showHidden: true })).not.toContain('local-secret');
  });

  it("rejects with the signal's own reason when aborted", async () => {
    const abort = new AbortController();
    gateway.answer(() => abort.abort(new Error('the workflow was cancelled')));
    const asked = gateway.client().getTask('1', { signal: abort.signal });
    await expect(asked).rejects.toThrow('the workflow was cancelled');
  });
});
