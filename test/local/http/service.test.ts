import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { LocalService, type LocalRequest, type Route } from '../../../src/local/http/service';

let service: LocalService | undefined;
const start = async (
  routes: Route[],
  more: { port?: number; host?: string; maxBodyBytes?: number } = {},
) => {
  service = await LocalService.start({
    routes,
    envelopeFault: (code, message) => ({ json: { code, message } }),
    tokenFault: () => ({ json: { code: 401 } }),
    notFound: (_request, allowed) => ({
      status: allowed.length > 0 ? 405 : 404,
      json: { allowed },
    }),
    ...more,
  });
  return service;
};
afterEach(() => service?.close());

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

/** A route that answers what it was asked, as JSON. */
const echo = (pattern: string, method: Route['method'] = '*'): Route => ({
  method,
  pattern,
  endpoint: 'echo',
  handler: (request) => ({
    json: {
      pattern,
      path: request.path,
      fields: request.fields,
      json: request.json,
      params: request.params,
    },
  }),
});

test('prefers a fixed segment to a named one, whatever the order of the routes', async () => {
  const { url } = await start([echo('/jobs/:id'), echo('/jobs/list'), echo('/jobs/:id/get')]);
  const ask = async (path: string) => (await fetch(url + path)).json();
  expect(await ask('/jobs/list')).toMatchObject({ pattern: '/jobs/list' });
  expect(await ask('/jobs/7')).toMatchObject({ pattern: '/jobs/:id', params: { id: '7' } });
  expect(await ask('/jobs/7/get')).toMatchObject({ pattern: '/jobs/:id/get' });
});

test('keeps an idle connection for a minute: a test that was stopped meanwhile goes on', async () => {
  const { url } = await start([echo('/jobs')]);
  expect((await fetch(`${url}/jobs`)).headers.get('keep-alive')).toBe('timeout=60');
});

test('decodes a path, and an encoded slash stays inside its segment', async () => {
  const { url } = await start([echo('/jobs/:id')]);
  const answer = await (await fetch(`${url}/jobs/a%2Fb%20c?x=1`)).json();
  expect(answer).toMatchObject({ params: { id: 'a/b c' }, fields: { x: ['1'] } });
  expect((await json(await fetch(`${url}/jobs/100%`))).params).toEqual({ id: '100%' });
});

test('asks notFound for an unknown path, and for a method that the path does not have', async () => {
  const { url, calls } = await start([echo('/kill', 'GET')]);
  const unknown = await fetch(`${url}/nothing`);
  expect([unknown.status, await unknown.json()]).toEqual([404, { allowed: [] }]);
  const wrongMethod = await fetch(`${url}/kill`, { method: 'POST' });
  expect([wrongMethod.status, await wrongMethod.json()]).toEqual([405, { allowed: ['GET'] }]);
  expect(calls.map((call) => call.endpoint)).toEqual(['(none)', '(none)']);
});

test('merges query, urlencoded and multipart fields and keeps every value of a name', async () => {
  const { url } = await start([echo('/echo')]);
  const form = new FormData();
  form.append('a', '2');
  form.append('ü', 'ö "quoted"');
  const multipart = await fetch(`${url}/echo?a=1&b=x`, { method: 'POST', body: form });
  expect((await json(multipart)).fields).toEqual({ a: ['1', '2'], b: ['x'], ü: ['ö "quoted"'] });
  const body = new URLSearchParams({ a: '3 & 4' });
  const urlencoded = await fetch(`${url}/echo?a=1`, { method: 'POST', body });
  expect((await json(urlencoded)).fields).toEqual({ a: ['1', '3 & 4'] });
});

test('parses a JSON body, and answers 400 to one that is not JSON', async () => {
  const { url } = await start([echo('/echo')]);
  const post = (body: string) =>
    fetch(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect((await json(await post('{"a":[1]}'))).json).toEqual({ a: [1] });
  expect((await json(await post(''))).json).toBeUndefined();
  const broken = await post('{"a":');
  expect(broken.status).toBe(400);
  expect(await broken.text()).toMatch(/JSON body can't be read/);
});

test('takes uploaded files with their names, to be kept as long as there is no reply', async () => {
  let seen: LocalRequest | undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'uploads-'));
  const handler = async (request: LocalRequest) => {
    seen = request;
    await request.files[0]!.keepAs(path.join(folder, 'large'));
    await request.files[1]!.keepAs(path.join(folder, 'small'));
    return { json: {} };
  };
  const { url } = await start([{ method: 'POST', pattern: '/up', endpoint: 'up', handler }]);
  const form = new FormData();
  form.append('sqlfiles', new Blob(['x'.repeat(300_000)]), 'big.sql');
  form.append('name', 'between');
  form.append('sqlfiles', new Blob(['select 1']), '数据 1.sql');
  await fetch(`${url}/up`, { method: 'POST', body: form });
  expect(seen!.fields).toEqual({ name: ['between'] });
  expect(seen!.files.map(({ field, fileName, sizeBytes }) => [field, fileName, sizeBytes])).toEqual(
    [
      ['sqlfiles', 'big.sql', 300_000],
      ['sqlfiles', '数据 1.sql', 8],
    ],
  );
  expect(await readFile(path.join(folder, 'large'), 'utf8')).toBe('x'.repeat(300_000));
  expect(await readFile(path.join(folder, 'small'), 'utf8')).toBe('select 1');
  await service!.close();
  await expect(seen!.files[0]!.keepAs(path.join(folder, 'late'))).rejects.toThrow('ENOENT');
  await rm(folder, { recursive: true });
});

test('answers 413 to a body over its limit, and serves the next request', async () => {
  const { url } = await start([echo('/echo')], { maxBodyBytes: 1000 });
  const form = new FormData();
  form.append('file', new Blob(['x'.repeat(2_000_000)]), 'big.sql');
  expect((await fetch(`${url}/echo`, { method: 'POST', body: form })).status).toBe(413);
  expect((await fetch(`${url}/echo`)).status).toBe(200);
});

test('answers 400 to a multipart body that ends in the middle', async () => {
  const { url } = await start([echo('/echo')]);
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const body = '--b\r\ncontent-disposition: form-data; name="f"; filename="f.sql"\r\n\r\nselect';
  const cut = await fetch(`${url}/echo`, { method: 'POST', headers, body });
  expect(cut.status).toBe(400);
  const noBoundary = await fetch(`${url}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data' },
    body,
  });
  expect(noBoundary.status).toBe(400);
});

test('streams a reply, repeats a header that is a list, and says a mistake of a handler', async () => {
  const { url } = await start([
    {
      method: 'GET',
      pattern: '/csv',
      endpoint: 'csv',
      handler: () => ({
        stream: Readable.from(['a,b\n', '1,2\n']),
        contentType: 'text/csv',
        headers: { 'set-cookie': ['a=1', 'b=2'] },
      }),
    },
    {
      method: 'GET',
      pattern: '/bug',
      endpoint: 'bug',
      handler: () => {
        throw new Error('no such table');
      },
    },
  ]);
  const csv = await fetch(`${url}/csv`);
  expect(csv.headers.get('content-type')).toBe('text/csv');
  expect(csv.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await csv.text()).toBe('a,b\n1,2\n');
  const bug = await fetch(`${url}/bug`);
  expect([bug.status, await bug.text()]).toEqual([500, 'no such table']);
});

test("aborts the request's signal when the client goes away", async () => {
  let goneWith: (value: boolean) => void = () => undefined;
  const gone = new Promise<boolean>((resolve) => (goneWith = resolve));
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const handler = (request: LocalRequest) =>
    new Promise<{ json: unknown }>((resolve) => {
      request.signal.addEventListener('abort', () => {
        goneWith(true);
        resolve({ json: {} });
      });
      arrived();
    });
  const { port } = await start([{ method: 'GET', pattern: '/wait', endpoint: 'wait', handler }]);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n');
  await arrival;
  socket.destroy();
  expect(await gone).toBe(true);
});

test('close breaks off a request that would never end', async () => {
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const { url } = await start([
    {
      method: 'GET',
      pattern: '/hang',
      endpoint: 'hang',
      handler: () => {
        arrived();
        return new Promise<never>(() => undefined);
      },
    },
  ]);
  const hanging = fetch(`${url}/hang`).then(
    () => 'answered',
    () => 'broken off',
  );
  await arrival;
  await service!.close();
  expect(await hanging).toBe('broken off');
});

test('binds to loopback unless told otherwise, and names a port that is taken', async () => {
  const { port, url } = await start([echo('/echo')]);
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const first = service!;
  await expect(start([echo('/echo')], { port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken`,
  );
  await first.close();
  const socket = connect(port, '127.0.0.1');
  const [error] = await once(socket, 'error');
  expect(error.code).toBe('ECONNREFUSED');
});

test('listens where it is told to, says so in its address, and says what is no address of this machine', async () => {
  const { url } = await start([echo('/jobs')], { host: 'localhost' });
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await fetch(`${url}/jobs`)).status).toBe(200);
  await service?.close();
  const everywhere = await start([echo('/jobs')], { host: '0.0.0.0' });
  expect(everywhere.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${everywhere.url}/jobs`)).status).toBe(200);
  await expect(start([echo('/jobs')], { host: '192.0.2.1' })).rejects.toThrow(
    '192.0.2.1 is no address of this machine: name one, or 0.0.0.0 for all.',
  );
});
