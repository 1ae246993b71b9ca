import { once } from 'node:events';
import { inspect } from 'node:util';
import { InputError, IncompleteError, TransportError } from '../../../src/clients/http/errors';
import { HttpTransport, type HttpTransportOptions } from '../../../src/clients/http/transport';
import { bodyOf, failureOf, serve, serveRaw, type TestServer } from './server';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const keep = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one);
  return one;
};
const transportTo = (server: TestServer, options: Partial<HttpTransportOptions> = {}) =>
  keep(new HttpTransport({ baseUrl: server.url, ...options }));
const signal = new AbortController().signal;

describe('a call', () => {
  it('appends path and query to the base URL, prefix kept, slashes at its end dropped', async () => {
    const server = keep(await serve((request, response) => void response.end(request.url)));
    const transport = keep(new HttpTransport({ baseUrl: `${server.url}/gspLive_backend//` }));
    const answer = await transport.text({
      method: 'GET',
      path: '/sqlflow/job/x',
      query: { userId: 'gudu|0123456789', n: 5, deep: true, none: undefined },
      signal,
    });
    expect(answer.text).toBe(
      '/gspLive_backend/sqlflow/job/x?userId=gudu%7C0123456789&n=5&deep=true',
    );
  });

  it('sends a form urlencoded and an object as JSON', async () => {
    const server = keep(
      await serve(async (request, response) => {
        response.end(`${request.headers['content-type']} ${await bodyOf(request)}`);
      }),
    );
    const transport = transportTo(server);
    const form = await transport.text({
      method: 'POST',
      path: '/f',
      body: { form: { a: 'ü|&', b: false, c: undefined } },
      signal,
    });
    expect(form.text).toBe('application/x-www-form-urlencoded a=%C3%BC%7C%26&b=false');
    const json = await transport.text({
      method: 'POST',
      path: '/j',
      body: { json: { a: 1 } },
      signal,
    });
    expect(json.text).toBe('application/json {"a":1}');
  });

  it('takes every HTTP status as an answer and follows no redirect', async () => {
    const server = keep(
      await serve((_, response) => void response.writeHead(302, { location: '/login' }).end('go')),
    );
    const answer = await transportTo(server).text({ method: 'GET', path: '/', signal });
    expect([answer.status, answer.headers.location, answer.text]).toEqual([302, '/login', 'go']);
  });

  it('reads UTF-8 split between chunks, without a byte order mark', async () => {
    const bytes = Buffer.from('\uFEFFlignée 血缘 🦉');
    const server = keep(
      await serve(async (_, response) => {
        for (const byte of bytes) {
          response.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
        response.end();
      }),
    );
    const answer = await transportTo(server).text({ method: 'GET', path: '/', signal });
    expect(answer.text).toBe('lignée 血缘 🦉');
  });
});

describe('time-outs', () => {
  it('tells a time-out while connecting from one that may have taken effect', async () => {
    // A TLS handshake that nobody answers is the part of connecting that can be held up locally.
    const silent = keep(await serveRaw(() => undefined));
    const transport = keep(
      new HttpTransport({ baseUrl: silent.url.replace('http', 'https'), connectTimeoutMs: 100 }),
    );
    const error = await failureOf<TransportError>(
      transport.text({ method: 'POST', path: '/x', signal }),
    );
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: 'Transport.Timeout', phase: 'connect', sent: 'no' });
  });

  it('ends a wait for the headers, by the transport or by the call', async () => {
    const server = keep(await serve(() => undefined));
    const error = await failureOf<TransportError>(
      transportTo(server, { headersTimeoutMs: 100 }).text({ method: 'POST', path: '/x', signal }),
    );
    expect(error).toMatchObject({ code: 'Transport.Timeout', phase: 'headers', sent: 'maybe' });
    expect(error.message).toBe(
      `POST ${server.url}/x took too long to answer (UND_ERR_HEADERS_TIMEOUT: Headers Timeout Error)`,
    );
    const byCall = await failureOf<TransportError>(
      transportTo(server).text({ method: 'POST', path: '/x', headersTimeoutMs: 100, signal }),
    );
    expect(byCall).toMatchObject({ code: 'Transport.Timeout', phase: 'headers' });
  });

  it('ends an answer that goes silent', async () => {
    const server = keep(await serve((_, response) => void response.write('half')));
    const error = await failureOf<TransportError>(
      transportTo(server, { bodyTimeoutMs: 100 }).text({ method: 'GET', path: '/x', signal }),
    );
    expect(error).toMatchObject({ code: 'Transport.Timeout', phase: 'body', sent: 'maybe' });
  });
});

describe('a broken connection', () => {
  it('says that nothing was sent where nobody listens', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const error = await failureOf<TransportError>(
      transportTo(server).text({ method: 'POST', path: '/x', signal }),
    );
    expect(error).toMatchObject({
      code: 'Transport.Connect',
      sent: 'no',
      reason: 'ECONNREFUSED',
      phase: 'connect',
    });
    expect(error.message).toContain(`POST ${server.url}/x can't connect`);
  });

  it('says that nothing was sent where the peer is no TLS server', async () => {
    const plain = keep(await serveRaw((socket) => void socket.end('HTTP/1.1 400 no\r\n\r\n')));
    const transport = keep(new HttpTransport({ baseUrl: plain.url.replace('http', 'https') }));
    const error = await failureOf<TransportError>(
      transport.text({ method: 'POST', path: '/x', signal }),
    );
    expect(error).toMatchObject({ code: 'Transport.Connect', sent: 'no' });
  });

  it('says that the call may have taken effect where the service hangs up on it', async () => {
    const server = keep(await serve((request) => void request.socket.destroy()));
    const error = await failureOf<TransportError>(
      transportTo(server).text({ method: 'POST', path: '/x', body: { form: { a: 1 } }, signal }),
    );
    expect(error).toMatchObject({ code: 'Transport.Reset', sent: 'maybe', phase: 'headers' });
  });

  it('knows an answer that is no HTTP', async () => {
    const server = keep(
      await serveRaw((socket) => socket.once('data', () => void socket.end('SSH-2.0-hello\r\n'))),
    );
    const error = await failureOf<TransportError>(
      transportTo(server).text({ method: 'GET', path: '/x', signal }),
    );
    expect(error).toMatchObject({ code: 'Transport.Protocol' });
  });

  it.each([
    ['short of its Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf'],
    ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('never takes a body that ends %s for the whole', async (_, bytes) => {
    const server = keep(
      await serveRaw((socket) => socket.once('data', () => void socket.end(bytes))),
    );
    const transport = transportTo(server);
    const expected = { code: 'Transport.TruncatedBody', phase: 'body', sent: 'maybe' };
    expect(
      await failureOf<TransportError>(transport.text({ method: 'GET', path: '/x', signal })),
    ).toMatchObject(expected);
    const { body } = await transport.stream({ method: 'GET', path: '/x', signal });
    expect(await failureOf<TransportError>(body.toArray())).toMatchObject(expected);
  });
});

describe('an abort', () => {
  const reason = new Error('cancelled by the workflow');

  it('rethrows its own reason: before, while waiting and while the body comes', async () => {
    const server = keep(
      await serve((request, response) => {
        if (request.url === '/body') response.write('half');
      }),
    );
    const transport = transportTo(server);
    await expect(
      transport.text({ method: 'GET', path: '/x', signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);

    const waiting = new AbortController();
    const call = transport.text({ method: 'GET', path: '/silent', signal: waiting.signal });
    setTimeout(() => waiting.abort(reason), 20);
    await expect(call).rejects.toBe(reason);

    const reading = new AbortController();
    const { body } = await transport.stream({
      method: 'GET',
      path: '/body',
      signal: reading.signal,
    });
    reading.abort(reason);
    await expect(body.toArray()).rejects.toBe(reason);
  });

  it('takes effect while the call still waits for a connection', async () => {
    const server = keep(await serve(() => undefined));
    const transport = transportTo(server, { maxConnections: 1 });
    const first = transport.text({ method: 'GET', path: '/1', signal }).catch(() => undefined);
    const second = new AbortController();
    const queued = transport.text({ method: 'GET', path: '/2', signal: second.signal });
    second.abort(reason);
    await expect(queued).rejects.toBe(reason);
    await transport.close();
    await first;
  });

  it('leaves no listener behind on a long-lived signal', async () => {
    const server = keep(await serve((_, response) => void response.end('{}')));
    const transport = transportTo(server);
    const long = new AbortController().signal;
    let listeners = 0;
    const add = long.addEventListener.bind(long);
    const remove = long.removeEventListener.bind(long);
    long.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given));
    long.removeEventListener = (...given: Parameters<typeof remove>) => (
      listeners--,
      remove(...given)
    );
    for (let i = 0; i < 20; i++) await transport.text({ method: 'GET', path: '/', signal: long });
    await new Promise(setImmediate);
    expect(listeners).toBe(0);
  });

  it('does not end the process where nobody reads the body that it breaks', async () => {
    const server = keep(await serve((_, response) => void response.write('half')));
    const abort = new AbortController();
    const { body } = await transportTo(server).stream({
      method: 'GET',
      path: '/',
      signal: abort.signal,
    });
    const closed = new Promise((resolve) => body.on('close', resolve));
    abort.abort(reason);
    await closed;
    expect(body.errored).toBe(reason);
  });
});

describe('large answers', () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');

  it('are refused beyond maxBodyBytes when read into memory', async () => {
    const server = keep(
      await serve((_, response) => {
        const more = () => {
          while (response.write(chunk));
        };
        response.on('drain', more);
        more();
      }),
    );
    const error = await failureOf<IncompleteError>(
      transportTo(server, { maxBodyBytes: 200_000 }).text({ method: 'GET', path: '/x', signal }),
    );
    expect(error).toBeInstanceOf(IncompleteError);
    expect(error.reason).toBe('Http.BodyTooLarge');
    expect(error.message).toBe(
      'GET /x answered with more than the 200000 bytes that maxBodyBytes allows',
    );
  });

  it('stream beyond maxBodyBytes, and wait for a slow reader', async () => {
    let writtenBytes = 0;
    const totalBytes = 50 * 1024 * 1024;
    const server = keep(
      await serve((_, response) => {
        const more = () => {
          while (writtenBytes < totalBytes) {
            writtenBytes += chunk.length;
            if (!response.write(chunk)) return;
          }
          response.end();
        };
        response.on('drain', more);
        more();
      }),
    );
    const { body } = await transportTo(server, { maxBodyBytes: 1000 }).stream({
      method: 'GET',
      path: '/',
      signal,
    });
    const iterator = body[Symbol.asyncIterator]();
    let readBytes = ((await iterator.next()).value as Buffer).length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(writtenBytes).toBeLessThan(totalBytes);
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) break;
      readBytes += (value as Buffer).length;
    }
    expect(readBytes).toBe(totalBytes);
  });

  it('are given up on the wire when their stream is destroyed', async () => {
    let gone: Promise<unknown> | undefined;
    const server = keep(
      await serve((_, response) => {
        gone = once(response, 'close');
        response.write('half');
      }),
    );
    const { body } = await transportTo(server).stream({ method: 'GET', path: '/', signal });
    body.destroy();
    await gone;
  });
});

describe('the transport itself', () => {
  it.each([
    ['nonsense', 'is not a URL'],
    ['ftp://host/', 'must begin with http:// or https://, not ftp:'],
    ['http://me:canary-secret@host/', 'must not hold a user or a password'],
    ['http://host/?token=canary-secret', 'must end with its path, without "?"'],
  ])('refuses the base URL %s', (baseUrl, problem) => {
    expect(() => new HttpTransport({ baseUrl })).toThrow(InputError);
    expect(() => new HttpTransport({ baseUrl })).toThrow(problem);
    try {
      new HttpTransport({ baseUrl });
    } catch (error) {
      expect(inspect(error)).not.toContain('canary-secret');
    }
  });

  it('fails the calls under way when it is closed', async () => {
    let arrived: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const server = keep(await serve(() => arrived()));
    const transport = transportTo(server);
    const call = failureOf<TransportError>(transport.text({ method: 'GET', path: '/', signal }));
    await arrival;
    await transport.close();
    expect(await call).toMatchObject({ code: 'Transport.Closed' });
  });

  it('shows no secret in any error, however deep one looks', async () => {
    const canary = 'canary-5ecret/|+&<"';
    const server = keep(await serve((request) => void request.socket.destroy()));
    const transport = transportTo(server);
    const error = await failureOf(
      transport.text({
        method: 'POST',
        path: '/x',
        query: { token: canary },
        headers: { cookie: encodeURIComponent(canary) },
        body: { form: { secretKey: canary, jobId: 'j' } },
        secrets: [canary],
        signal,
      }),
    );
    const seen = inspect([error, transport], { depth: 20, showHidden: true });
    expect(seen).not.toContain('5ecret');
    expect(error).toMatchObject({
      request: { method: 'POST', url: `${server.url}/x`, fields: ['token', 'secretKey', 'jobId'] },
    });
  });
});
