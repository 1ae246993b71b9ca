import Busboy from '@fastify/busboy';
import { open, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { InputError, type TransportError } from '../../../src/clients/http/errors';
import { HttpTransport } from '../../../src/clients/http/transport';
import { uploadFile, type UploadFile } from '../../../src/clients/http/upload-file';
import type { MultipartPart } from '../../../src/clients/http/multipart';
import { failureOf, serve, type TestServer } from './server';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open_: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open_.splice(0).map((one) => one.close()));
});

const signal = new AbortController().signal;
const inMemory = (name: string, text: string): UploadFile => ({
  name,
  sizeBytes: Buffer.byteLength(text),
  open: () => Readable.from([Buffer.from(text)], { objectMode: false }),
});

function send(server: TestServer, parts: readonly MultipartPart[]) {
  const transport = new HttpTransport({ baseUrl: server.url });
  open_.push(transport);
  return transport.text({ method: 'POST', path: '/up', body: { multipart: parts }, signal });
}

/** Answers with what a multipart parser made of the body. */
async function parsing(): Promise<TestServer> {
  const server = await serve((request, response) => {
    const seen: unknown[] = [];
    const parser = new Busboy({
      headers: request.headers as { 'content-type': string },
      preservePath: true,
    });
    parser.on('field', (name, value) => seen.push([name, value]));
    parser.on('file', (name, stream, fileName) => {
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (piece: string) => (text += piece));
      stream.on('end', () => seen.push([name, fileName, text]));
    });
    parser.on('finish', () =>
      response.end(JSON.stringify({ length: request.headers['content-length'], seen })),
    );
    request.pipe(parser);
  });
  open_.push(server);
  return server;
}

it('sends fields and files in order, with a Content-Length', async () => {
  const answer = await send(await parsing(), [
    { name: 'userId', value: 'google-oauth2|104 ü' },
    { name: 'sqlfiles', file: inMemory('1.sql', 'select 1;\r\n--x\r\n') },
    { name: 'sqlfiles', file: inMemory('etl/2.sql', 'select 2') },
    { name: 'jobName', value: '' },
  ]);
  const { length, seen } = JSON.parse(answer.text);
  expect(seen).toEqual(
    expect.arrayContaining([
      ['userId', 'google-oauth2|104 ü'],
      ['sqlfiles', '1.sql', 'select 1;\r\n--x\r\n'],
      ['sqlfiles', 'etl/2.sql', 'select 2'],
      ['jobName', ''],
    ]),
  );
  expect(seen).toHaveLength(4);
  expect(Number(length)).toBeGreaterThan(0);
});

it('escapes a file name that would break out of its quotes, and keeps other letters as they are', async () => {
  const answer = await send(await parsing(), [
    { name: 'sqlfiles', file: inMemory('日本 é "x".sql', 'a') },
    { name: 'sqlfiles', file: inMemory('a\r\nX-Evil: 1.sql', 'b') },
  ]);
  expect(JSON.parse(answer.text).seen.map((file: string[]) => file[1])).toEqual([
    '日本 é %22x%22.sql',
    'a%0D%0AX-Evil: 1.sql',
  ]);
});

it('reads a 150 MB file only as fast as the service takes it', async () => {
  const path = join(folder, 'big.zip');
  const sizeBytes = 150 * 1024 * 1024;
  await (await open(path, 'w')).close();
  await truncate(path, sizeBytes);
  let receivedBytes = 0;
  let takeTheRest = () => {};
  const server = await serve((request, response) => {
    takeTheRest = () => {
      request.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
      request.on('end', () => response.end('ok'));
    };
  });
  open_.push(server);
  const stored = await uploadFile(path);
  let readBytes = 0;
  const file: UploadFile = {
    ...stored,
    open: () =>
      stored
        .open()
        .on('data', (chunk: Buffer) => (readBytes += chunk.length))
        .pause(),
  };
  const sending = send(server, [{ name: 'sqlfiles', file }]);
  const readAheadBytes = await atRest(() => readBytes);
  takeTheRest();
  await sending;
  expect(receivedBytes).toBeGreaterThan(sizeBytes);
  expect(receivedBytes).toBeLessThan(sizeBytes + 1000);
  expect(readBytes).toBe(sizeBytes);
  // What the sockets and the streams hold; the rest waits on the disk.
  expect(readAheadBytes).toBeGreaterThan(0);
  expect(readAheadBytes).toBeLessThan(sizeBytes / 5);
});

/** A figure that has grown, once it has stayed the same for ten looks. */
async function atRest(figure: () => number): Promise<number> {
  let last = figure();
  for (let same = 0; same < 10;) {
    await delay(50);
    same = figure() === last && last > 0 ? same + 1 : 0;
    last = figure();
  }
  return last;
}

it('gets the 413 of a proxy that refuses the upload before it has read it', async () => {
  const path = join(folder, 'refused.zip');
  await (await open(path, 'w')).close();
  await truncate(path, 30 * 1024 * 1024);
  const server = await serve((_, response) => {
    // As nginx does: answer by the Content-Length, and take no more.
    response.writeHead(413, { connection: 'close', 'content-type': 'text/html' });
    response.end('<html><head><title>413 Request Entity Too Large</title></head></html>');
  });
  open_.push(server);
  const answer = await send(server, [{ name: 'sqlfiles', file: await uploadFile(path) }]);
  expect(answer.status).toBe(413);
});

it.each([
  ['shrinks', 10, 'changed while it was sent: 10 bytes were announced, 3 are there'],
  ['grows', 2, 'changed while it was sent: 2 bytes were announced, more are there'],
])('fails loudly where a file %s after it was measured', async (_, sizeBytes, problem) => {
  const file = { ...inMemory('1.sql', 'abc'), sizeBytes };
  const error = await failureOf<InputError>(send(await parsing(), [{ name: 'sqlfiles', file }]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toBe(`file 1.sql ${problem}`);
  expect(error.endpoint).toBe('POST /up');
});

it('names the file that vanished before it was sent', async () => {
  const path = join(folder, 'gone.sql');
  await writeFile(path, 'select 1');
  const file = await uploadFile(path);
  await rm(path);
  const error = await failureOf<InputError>(send(await parsing(), [{ name: 'sqlfiles', file }]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toBe("file gone.sql can't be read (ENOENT)");
});

it('closes the file when the service hangs up in the middle of it', async () => {
  let closed: Promise<void> | undefined;
  const endless: UploadFile = {
    name: 'big.sql',
    sizeBytes: 100 * 1024 * 1024,
    open: () => {
      const stream = new Readable({
        read() {
          this.push(Buffer.alloc(64 * 1024));
        },
      });
      closed = new Promise((resolve) => stream.once('close', resolve));
      return stream;
    },
  };
  const server = createServer((request) => request.once('data', () => request.socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as { port: number }).port;
  open_.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  const error = await failureOf<TransportError>(
    send({ url: `http://127.0.0.1:${port}`, close: async () => undefined }, [
      { name: 'sqlfiles', file: endless },
    ]),
  );
  expect(error).toMatchObject({ code: 'Transport.Reset', sent: 'maybe' });
  await closed;
});

describe('a file on disk', () => {
  it('is refused where it is missing or a folder', async () => {
    await expect(uploadFile(join(folder, 'none.sql'))).rejects.toThrow(
      `file ${join(folder, 'none.sql')} can't be read (ENOENT)`,
    );
    await expect(uploadFile(folder)).rejects.toThrow('is not a file');
  });

  it('can be opened again for a call that is repeated', async () => {
    const path = join(folder, 'twice.sql');
    await writeFile(path, 'select 1');
    const file = await uploadFile(path, 'etl/twice.sql');
    const read = async () => Buffer.concat(await file.open().toArray()).toString();
    expect([file.name, file.sizeBytes, await read(), await read()]).toEqual([
      'etl/twice.sql',
      8,
      'select 1',
      'select 1',
    ]);
  });
});
