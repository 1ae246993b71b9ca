import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LineageFormat } from '../../src/contracts/sqlflow';
import type { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { activityStack, type ActivityStack } from './support';

const jobId = 'c359aef4bd9641d697732422debd8055';
const fixture = (name: string) =>
  readFileSync(path.join(__dirname, '../fixtures/sqlflow', name), 'utf8');
const whole: Record<LineageFormat, string> = {
  json: fixture('lineage.json'),
  csv: fixture('lineage.csv'),
  graphml: fixture('lineage.graphml'),
};

/** What the service sends of each export, with no length named: the connection's end is the end. */
let sent: Partial<Record<LineageFormat, string>> = {};
let server: Server;
let stack: ActivityStack;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://sqlflow');
    const endpoints: Record<string, LineageFormat> = {
      exportLineageAsJson: 'json',
      exportFullLineageAsCsv: 'csv',
      exportLineageAsGraphml: 'graphml',
    };
    const format = endpoints[pathname.split('/').at(-1) ?? ''];
    response.sendDate = false;
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    request.resume().on('end', () => {
      response.end(format ? (sent[format] ?? whole[format]) : '{"code":200,"token":"t"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  stack = await activityStack({ sqlflow: { url } as LocalSqlFlow });
});
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  sent = {};
});

const input = {
  connection: 'sqlflow',
  jobId,
  exports: ['json', 'csv', 'graphml'] as const,
  thenDelete: false,
};

test.each([
  ['json', whole.json.slice(0, -20)],
  ['json', whole.json.slice(0, 300)],
  ['csv', whole.csv.trimEnd().slice(0, -30)],
  ['graphml', whole.graphml.replace('</graphml>', '')],
  ['graphml', whole.graphml.slice(0, 150)],
] as const)(
  'an export as %s that ends too early is told and retried, and leaves nothing under its name',
  async (format, cut) => {
    sent = { [format]: cut };
    const failure = await stack.failure('sqlflowCollectLineage', { ...input, exports: [format] });
    expect(failure).toMatchObject({ type: 'RemoteJob.IncompleteResult', nonRetryable: false });
    const { signal } = new AbortController();
    const keys = await stack.store.list('jobs/', signal);
    expect(keys.filter((key) => key.endsWith(`lineage.${format}`))).toEqual([]);
  },
);

test('the same exports are taken where they are whole', async () => {
  const { lineage } = await stack.run('sqlflowCollectLineage', input);
  for (const format of input.exports) {
    expect(await stack.read(lineage[format]!)).toBe(whole[format]);
  }
});
