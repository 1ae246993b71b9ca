import type { Admission, CallPriority } from '../../../src/clients/http/admission';
import { HttpTransport } from '../../../src/clients/http/transport';
import { LinkisClient } from '../../../src/clients/linkis/client';
import { SqlFlowClient } from '../../../src/clients/sqlflow/client';
import { failureOf, serve, type TestServer } from './server';

const { signal } = new AbortController();

/** Lets everybody in, and writes down what it is asked and told. */
class Ledger implements Admission {
  readonly lines: string[] = [];

  constructor(private readonly gate: Promise<void> = Promise.resolve()) {}

  admit(priority: CallPriority): Promise<void> {
    this.lines.push(priority);
    return this.gate;
  }
  answered(_priority: CallPriority, status: number, retryAfterMs?: number): void {
    this.lines.push([status, retryAfterMs].join(' ').trim());
  }
  failed(): void {
    this.lines.push('failed');
  }
}

let server: TestServer;
let status = 200;
beforeAll(async () => {
  server = await serve((request, response) => {
    if (request.url?.includes('hang')) return;
    response.writeHead(status, status === 200 ? {} : { 'retry-after': '7' });
    response.end('{"code":200,"status":0,"data":{"jobHistoryList":[]}}');
  });
});
afterAll(() => server.close());

test('each call asks first, and tells its status and how long the service wants to be left alone', async () => {
  const admission = new Ledger();
  const transport = new HttpTransport({ baseUrl: server.url, admission });
  await transport.text({ method: 'GET', path: '/', signal });
  status = 429;
  await transport.text({ method: 'GET', path: '/', signal, priority: 'background' });
  status = 200;
  expect(admission.lines).toEqual(['foreground', '200', 'background', '429 7000']);
  await transport.close();
});

test('a call that is given up, or never answered, is told as failed', async () => {
  const admission = new Ledger();
  const transport = new HttpTransport({ baseUrl: server.url, admission, headersTimeoutMs: 200 });
  const call = { method: 'GET', path: '/hang' } as const;
  const given = AbortSignal.timeout(20);
  await failureOf(transport.text({ ...call, signal: given }));
  await failureOf(transport.text({ ...call, signal }));
  expect(admission.lines).toEqual(['foreground', 'failed', 'foreground', 'failed']);
  await transport.close();
});

test('a call that can not be encoded is none: nothing is asked for it, so no place is lost', async () => {
  const admission = new Ledger();
  const transport = new HttpTransport({ baseUrl: server.url, admission });
  const body = { json: { big: 1n } };
  await failureOf(transport.text({ method: 'POST', path: '/', signal, body }));
  expect(admission.lines).toEqual([]);
  await transport.close();
});

test('nothing leaves before the call is let in, and nothing where it is refused', async () => {
  const refusal = new Error('given up while it waited');
  const admission = new Ledger(Promise.reject(refusal));
  const transport = new HttpTransport({ baseUrl: server.url, admission });
  const asked = transport.text({ method: 'GET', path: '/', signal });
  await expect(asked).rejects.toBe(refusal);
  expect(admission.lines).toEqual(['foreground']);
  await transport.close();
});

test('both clients tell a look at many jobs from a call that somebody waits for', async () => {
  const admission = new Ledger();
  const flow = new SqlFlowClient({
    url: server.url,
    userId: 'u',
    credential: { token: 'a-token' },
    admission,
  });
  const tasks = new LinkisClient({
    url: server.url,
    user: 'u',
    credential: { token: 'a-token' },
    admission,
  });
  await flow.displayUserJobsSummary(signal, { priority: 'background' }).catch(() => undefined);
  await flow.displayUserJobsSummary(signal).catch(() => undefined);
  await tasks.listTaskIds(['1'], { signal, priority: 'background' });
  await tasks.listTaskIds(['1'], { signal });
  expect(admission.lines.filter((line) => line.endsWith('ground'))).toEqual([
    'background',
    'foreground',
    'background',
    'foreground',
  ]);
  await Promise.all([flow.close(), tasks.close()]);
});
