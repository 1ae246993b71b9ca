import { gzipSync } from 'node:zlib';
import { TransportError } from '../../../src/clients/http/errors';
import { HttpTransport } from '../../../src/clients/http/transport';
import { failureOf, serve, serveRaw, type TestServer } from './server';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { signal } = new AbortController();

function transportTo(server: TestServer): HttpTransport {
  const transport = new HttpTransport({ baseUrl: server.url, maxConnections: 1 });
  open.push(server, transport);
  return transport;
}

test('an answer that was longer than it said is never the answer to the next call', async () => {
  let connections = 0;
  const server = await serveRaw((socket) => {
    connections += 1;
    const own = `call ${connections}`;
    socket.once('data', () => {
      const forged = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${own.length}\r\n\r\n${own}${forged}`);
    });
  });
  const transport = transportTo(server);
  const first = await transport.text({ method: 'GET', path: '/1', signal });
  const second = await transport.text({ method: 'GET', path: '/2', signal });
  expect([first.text, second.text]).toEqual(['call 1', 'call 2']);
});

test('an answer is never unpacked, so that a small one stays small', async () => {
  const packed = gzipSync(Buffer.alloc(10 * 2 ** 20));
  const server = await serve(
    (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
  );
  const { bytes } = await transportTo(server).bytes({ method: 'GET', path: '/', signal });
  expect(Buffer.from(bytes).equals(packed)).toBe(true);
});

test('no room is made for a length that only was announced, beyond what may be read', async () => {
  const server = await serveRaw((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n{'),
    );
  });
  const call = transportTo(server).text({ method: 'GET', path: '/', signal });
  expect(await failureOf<TransportError>(call)).toMatchObject({ code: 'Transport.TruncatedBody' });
});

test('headers without end are given up', async () => {
  const server = await serveRaw((socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(`X-More: ${'x'.repeat(1000)}\r\n`));
    };
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.on('drain', more);
      more();
    });
  });
  const call = transportTo(server).text({ method: 'GET', path: '/', signal });
  const error = await failureOf<TransportError>(call);
  expect(error).toBeInstanceOf(TransportError);
  expect(error).toMatchObject({ phase: 'headers', sent: 'maybe' });
});
