import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bodyOf, serve, type TestServer } from '../clients/http/server';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

let temporal: TestTemporal;
let linkis: LocalLinkis;
let collector: TestServer;
/** Stands before Linkis, and notes what comes by. */
let gateway: TestServer;
let cwd: string;
let env: NodeJS.ProcessEnv;
const spans: (Span & { readonly service: string })[] = [];
const seen: { readonly path: string; readonly traceparent?: string }[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  [temporal, linkis] = await Promise.all([testTemporal(), LocalLinkis.start()]);
  collector = await serve(async (request, response) => {
    const { resourceSpans } = JSON.parse(await bodyOf(request));
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = resource.attributes.find(({ key }: { key: string }) => key === 'service.name');
      const service = named.value.stringValue as string;
      for (const scope of scopeSpans) {
        spans.push(...scope.spans.map((span: Span) => ({ ...span, service })));
      }
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  gateway = await serve(async (request, response) => {
    const { method, url = '', headers } = request;
    seen.push({ path: url, traceparent: headers.traceparent as string | undefined });
    const body = await bodyOf(request);
    const answer = await fetch(`${linkis.url}${url}`, {
      method,
      headers: {
        'content-type': headers['content-type'] ?? '',
        'token-code': headers['token-code'] as string,
        'token-user': headers['token-user'] as string,
      },
      ...(method === 'POST' && { body }),
    });
    response.statusCode = answer.status;
    response.setHeader('content-type', answer.headers.get('content-type') ?? '');
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-tracing-'));
  env = {
    PATH: process.env.PATH,
    HOME: cwd,
    LINKIS_URL: gateway.url,
    LINKIS_USER: 'hadoop',
    LINKIS_TOKEN: 'local-token',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.close();
  await Promise.all([linkis.close(), collector.close(), gateway.close()]);
  await rm(cwd, { recursive: true, force: true });
});

function remoteJobs(args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
  const where = ['--address', temporal.address, '--task-queue', temporal.taskQueue];
  const child = spawn(process.execPath, ['-r', register, main, ...where, ...args], {
    cwd,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

test('one trace goes from the command through the workflow and its activities to the calls, which carry traceparent', async () => {
  const worker = remoteJobs(['worker', '--output', 'json'], {
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=etl-worker,deployment.environment.name=test',
  });
  await once(createInterface({ input: worker.stdout as NodeJS.ReadableStream }), 'line');
  const id = `traced-${temporal.taskQueue}`;
  const run = ['linkis', 'run', '--code', 'select 1 as one', '--engine', 'spark-2.4.3'];
  const command = remoteJobs([...run, '--run-type', 'sql', '--id', id]);
  expect(await once(command, 'exit')).toEqual([0, null]);
  worker.kill('SIGTERM');
  // The last spans leave with the worker.
  expect(await once(worker, 'exit')).toEqual([0, null]);

  await until(async () => spans.some(({ name }) => name === 'workflow linkisTask'));
  const root = spans.find(({ name }) => name === 'remote-jobs linkis run');
  const trace = spans.filter(({ traceId }) => traceId === root?.traceId);
  const one = (name: string) => {
    const found = trace.find((span) => span.name === name);
    if (found === undefined)
      throw new Error(`no ${name} in ${trace.map((span) => span.name).join(', ')}`);
    return found;
  };
  const start = one('start linkisTask');
  expect([root?.service, root?.parentSpanId ?? '', start.parentSpanId]).toEqual([
    'remote-jobs',
    '',
    root?.spanId,
  ]);
  for (const name of [
    'workflow linkisTask',
    'activity linkisSubmitTask',
    'activity linkisAwaitTask',
    'activity linkisCollectOutputs',
  ]) {
    expect([name, one(name).parentSpanId, one(name).service]).toEqual([
      name,
      start.spanId,
      'etl-worker',
    ]);
  }
  // A job may be waited for for days: its looks would make a trace without end.
  const waiting = one('activity linkisAwaitTask').spanId;
  expect(trace.filter(({ parentSpanId }) => parentSpanId === waiting)).toEqual([]);
  const submit = one('POST entrance/submit');
  expect(submit.parentSpanId).toBe(one('activity linkisSubmitTask').spanId);
  expect(submit.attributes).toContainEqual({
    key: 'http.response.status_code',
    value: { intValue: 200 },
  });
  const asked = seen.find(({ path: at }) => at.endsWith('/entrance/submit'));
  expect(asked?.traceparent).toBe(`00-${submit.traceId}-${submit.spanId}-01`);
  expect(JSON.stringify(spans)).not.toContain('local-token');
  expect(JSON.stringify(spans)).not.toContain('select 1');
});

test('without the variables nothing is traced, and what they ask for and can not be is told', async () => {
  const before = spans.length;
  const list = remoteJobs(['list', '--output', 'json'], { OTEL_SDK_DISABLED: 'true' });
  const grpc = remoteJobs(['list', '--output', 'json'], { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  let said = '';
  grpc.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const codes = await Promise.all([once(list, 'exit'), once(grpc, 'close')]);
  expect(codes.map(([code]) => code as number)).toEqual([0, 2]);
  expect(said).toContain('OTEL_EXPORTER_OTLP_PROTOCOL is grpc: spans are sent by http/json');
  expect(spans).toHaveLength(before);
});
