import {
  checkedExport,
  checkExport,
  type ExportDescription,
  type ExportStream,
  type LineageReport,
  type SqlFlowClient,
  type TransportError,
} from '../../../src/clients/sqlflow/public';
import { retainedBytes } from '../../support/retained-bytes';
import { failureOf } from '../http/server';
import { answering, closeAll, fixture, scripted } from './service';

afterEach(closeAll);

const signal = new AbortController().signal;
const jobId = 'c359aef4bd9641d697732422debd8055';
const identity = {
  userId: 'google-oauth2|104002923119102769706',
  token: 'canary-token-1',
  jobId,
};

async function textOf(exported: ExportStream): Promise<string> {
  return Buffer.concat(await exported.body.toArray()).toString('utf8');
}

const all: readonly [
  string,
  ExportStream['format'],
  string,
  (c: SqlFlowClient) => Promise<ExportStream>,
][] = [
  ['exportLineageAsJson', 'json', 'lineage.json', (c) => c.exportLineageAsJson(jobId, {}, signal)],
  [
    'exportFullLineageAsJson',
    'json',
    'lineage.json',
    (c) => c.exportFullLineageAsJson(jobId, {}, signal),
  ],
  [
    'exportFullLineageAsCsv',
    'csv',
    'lineage.csv',
    (c) => c.exportFullLineageAsCsv(jobId, {}, signal),
  ],
  [
    'exportLineageAsGraphml',
    'graphml',
    'lineage.graphml',
    (c) => c.exportLineageAsGraphml(jobId, {}, signal),
  ],
];

describe.each(all)('%s', (endpoint, format, name, call) => {
  it(`streams ${format}, and sends nothing but the jobId by default`, async () => {
    const { client, calls } = await scripted(answering(endpoint, fixture(name)));
    const exported = await call(client);
    expect(exported).toMatchObject({ format, jobId, endpoint: `POST /sqlflow/job/${endpoint}` });
    expect(await textOf(exported)).toBe(fixture(name));
    expect(calls[1]?.fields).toEqual(identity);
    expect(calls[1]?.path).toBe(`/gspLive_backend/sqlflow/job/${endpoint}`);
  });

  it('knows a refusal in JSON with HTTP 200, whatever the format', async () => {
    const { client } = await scripted(answering(endpoint, fixture('export-refused.json')));
    expect(await failureOf(call(client))).toMatchObject({
      name: 'VendorError',
      kind: 'server',
      vendorCode: 500,
      serviceMessage: 'The job is not finished.',
    });
  });

  it('renews a refused token, and gets its export then', async () => {
    let isFirst = true;
    const { client } = await scripted((request) => {
      if (request.endpoint === 'generateToken') return fixture('generate-token.json');
      const reply = isFirst ? fixture('token-refused.json') : fixture(name);
      isFirst = false;
      return reply;
    });
    expect(await textOf(await call(client))).toBe(fixture(name));
  });

  it('knows the busy text, a gateway’s page and a rate limit', async () => {
    const busy = await scripted(
      answering(endpoint, 'Sorry, the service is busy. Please try again later.'),
    );
    expect(await failureOf(call(busy.client))).toMatchObject({ kind: 'busy' });
    const gateway = await scripted(
      answering(endpoint, { status: 502, text: fixture('bad-gateway.html') }),
    );
    expect(await failureOf(call(gateway.client))).toMatchObject({
      status: 502,
      serviceMessage: '502 Bad Gateway',
    });
    const limited = await scripted(
      answering(endpoint, {
        status: 429,
        headers: { 'retry-after': '3' },
        text: fixture('rate-limited.json'),
      }),
    );
    expect(await failureOf(call(limited.client))).toMatchObject({
      status: 429,
      retryAfterMs: 3000,
    });
  });

  it.each([
    ['nothing', ''],
    ['a HTML page', '<!DOCTYPE html><html><title>Login</title></html>'],
  ])('refuses %s', async (_, body) => {
    const { client } = await scripted(answering(endpoint, body));
    expect(await failureOf(call(client))).toMatchObject({
      name: 'IncompleteError',
      reason: 'SqlFlow.NotTheFormat',
    });
  });

  it('streams an export of megabytes without a gap', async () => {
    const row = `${'x'.repeat(99)}\n`;
    const start = { json: '{"code":200,"data":"', csv: 'source,target\n', graphml: '<graphml>' };
    const body = start[format] + row.repeat(50_000);
    const { client } = await scripted(answering(endpoint, body));
    expect(await textOf(await call(client))).toBe(body);
  });

  it('fails in the stream where the answer breaks off', async () => {
    const { client } = await scripted((request, response) => {
      if (request.endpoint === 'generateToken') return fixture('generate-token.json');
      response.writeHead(200, { 'content-length': '500000' });
      const start = { json: '{"a":"', csv: 'source,target\n', graphml: '<graphml>' };
      response.write(start[format] + 'x'.repeat(200_000), () => response.destroy());
      return undefined;
    });
    const exported = await failureOf<TransportError>(call(client).then(textOf));
    expect(exported).toMatchObject({ name: 'TransportError', code: 'Transport.TruncatedBody' });
  });

  it('rethrows the reason of an abort while the body comes', async () => {
    const { client } = await scripted((request, response) => {
      if (request.endpoint === 'generateToken') return fixture('generate-token.json');
      response.write('{<source,target\n'.repeat(1));
      return undefined;
    });
    const abort = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => abort.abort(reason), 50);
    await expect(client.exportLineageAsJson(jobId, {}, abort.signal)).rejects.toBe(reason);
  });
});

it('sends every setting of an export in the vendor’s spelling', async () => {
  const settings = {
    database: 'db',
    schema: 'dbo',
    table: 't',
    column: 'c',
    ignoreFunction: true,
    ignoreRecordSet: true,
    showConstantTable: false,
    showTransform: true,
    simpleOutput: true,
    tableToTable: true,
    treatArgumentsInCountFunctionAsDirectDataflow: false,
    showLinkOnly: false,
    showRelationType: 'fdd,join',
  };
  const sent = Object.fromEntries(Object.entries(settings).map(([k, v]) => [k, String(v)]));
  for (const [endpoint, name] of [
    ['exportLineageAsJson', 'lineage.json'],
    ['exportLineageAsGraphml', 'lineage.graphml'],
  ] as const) {
    const { client, calls } = await scripted(answering(endpoint, fixture(name)));
    await client[endpoint](jobId, settings, signal);
    expect(calls[1]?.fields).toEqual({ ...identity, ...sent });
  }
});

it('sends the CSV’s delimiter, one character of it', async () => {
  const { client, calls } = await scripted(
    answering('exportFullLineageAsCsv', fixture('lineage-quoted.csv')),
  );
  const settings = { delimiter: ';', tableToTable: false };
  const exported = await client.exportFullLineageAsCsv(jobId, settings, signal);
  expect(exported.delimiter).toBe(';');
  expect(calls[1]?.fields).toEqual({ ...identity, delimiter: ';', tableToTable: 'false' });
  for (const delimiter of ['', ';;']) {
    await expect(client.exportFullLineageAsCsv(jobId, { delimiter }, signal)).rejects.toThrow(
      `delimiter must be one character, not "${delimiter}"`,
    );
  }
});

it.each(all)(
  'refuses a blank jobId of %s: it would get the account’s latest job',
  async (endpoint) => {
    const { client, calls } = await scripted(() => '{}');
    const call = client[endpoint as 'exportLineageAsJson'].bind(client);
    await expect(call('  ', {}, signal)).rejects.toThrow('jobId must not be blank');
    expect(calls).toEqual([]);
  },
);

describe('a checked export', () => {
  const described = (format: ExportStream['format']): ExportDescription => ({
    format,
    jobId,
    endpoint: 'the export',
  });
  /** In pieces of one byte, of a few, and whole: a check must not see where chunks end. */
  async function checked(text: string, about: ExportDescription): Promise<LineageReport> {
    const reports: LineageReport[] = [];
    const bytes = Buffer.from(text);
    for (const size of [1, 7, bytes.length + 1]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      reports.push(await checkExport(pieces(), about));
    }
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[2]).toEqual(reports[0]);
    return reports[0] as LineageReport;
  }

  it('passes its bytes on and reports what it saw', async () => {
    const { client } = await scripted(answering('exportLineageAsJson', fixture('lineage.json')));
    const exported = await client.exportLineageAsJson(jobId, {}, signal);
    const chunks: Buffer[] = [];
    let report: LineageReport | undefined;
    for await (const chunk of checkedExport(exported, (seen) => (report = seen)))
      chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(fixture('lineage.json'));
    expect(report).toEqual({
      format: 'json',
      mode: 'global',
      relationships: 2,
      modelErrors: ['find orphan column(10500) near: name(4,5)'],
    });
  });

  it('takes a model straight under data, with relations', async () => {
    expect(await checked(fixture('lineage-flat.json'), described('json'))).toEqual({
      format: 'json',
      relationships: 1,
      modelErrors: [],
    });
  });

  it('takes a model without a single relationship', async () => {
    const body = '{"code":203,"data":{"sqlflow":{"relationships":[],"dbobjs":[]}}}';
    expect(await checked(body, described('json'))).toMatchObject({ relationships: 0 });
  });

  it.each([
    ['SqlFlow.SummaryOnly', fixture('lineage-summary-only.json')],
    ['SqlFlow.NoLineage', '{"code":200,"data":{"mode":"global","summary":{}}}'],
    ['SqlFlow.NoLineage', '{"code":200,"data":null}'],
    ['SqlFlow.Truncated', fixture('lineage.json').trimEnd().slice(0, -1)],
    ['SqlFlow.Truncated', fixture('lineage.json').slice(0, 400)],
    ['SqlFlow.NotTheFormat', ''],
    ['SqlFlow.NotTheFormat', '<html></html>'],
    ['SqlFlow.NotTheFormat', `${fixture('lineage.json')} trailing`],
    ['SqlFlow.NotTheFormat', '{"code":200,"data":{]}'],
    ['SqlFlow.NotTheFormat', '{"code":2x0,"data":{}}'],
  ])('is refused as %s: %s', async (reason, body) => {
    expect(await failureOf(checked(body, described('json')))).toMatchObject({
      name: 'IncompleteError',
      reason,
    });
  });

  it('is refused where it holds the service’s no, or another job’s lineage', async () => {
    expect(
      await failureOf(checked(fixture('token-refused.json'), described('json'))),
    ).toMatchObject({ name: 'VendorError', kind: 'auth' });
    const other = { ...described('json'), jobId: 'f'.repeat(32) };
    expect(await failureOf(checked(fixture('lineage.json'), other))).toMatchObject({
      name: 'WireError',
      field: 'jobId',
      found: 'another job',
    });
    expect(await failureOf(checked('{"data":{}}', described('json')))).toMatchObject({
      name: 'WireError',
      field: 'code',
    });
  });

  it('counts over keys and texts that look like structure', async () => {
    const tricky = JSON.stringify({
      'a{"]\\': '}]"\\',
      code: 200,
      data: {
        mode: 'glob\u00e9 \u{1F989}',
        sqlflow: {
          relationships: [{ note: '"]}' }, { deep: [[[{}]], '\\"'] }],
          errors: [{ coordinates: [{ x: 1 }], errorMessage: 'line\n"1" \u{1F989}' }, 'plain words'],
        },
      },
    });
    expect(await checked(`\uFEFF ${tricky}\n`, described('json'))).toEqual({
      format: 'json',
      mode: 'glob\u00e9 \u{1F989}',
      relationships: 2,
      modelErrors: ['line "1" \u{1F989}', 'plain words'],
    });
  });

  it('keeps nothing of 100 MB of JSON that it has read', async () => {
    const relationship = Buffer.from(`{"id":"1","text":"${'x'.repeat(1000)}"},`);
    const block = Buffer.concat(Array.from({ length: 64 }, () => relationship));
    const rounds = Math.ceil((100 * 1024 * 1024) / block.length);
    const beforeBytes = retainedBytes();
    let peakBytes = 0;
    async function* pieces() {
      yield Buffer.from('{"code":200,"data":{"relationships":[');
      for (let round = 0; round < rounds; round += 1) {
        yield block;
        if (round % 200 === 0) peakBytes = Math.max(peakBytes, retainedBytes());
      }
      yield Buffer.from('{}]}}');
    }
    const report = await checkExport(pieces(), described('json'));
    expect(report).toMatchObject({ relationships: rounds * 64 + 1 });
    expect(peakBytes - beforeBytes).toBeLessThan(32 * 1024 * 1024);
  });

  it('reads both spellings of a CSV header, and counts rows across quoted line ends', async () => {
    expect(await checked(fixture('lineage.csv'), described('csv'))).toMatchObject({ rows: 2 });
    const quoted = { ...described('csv'), delimiter: ';' };
    const report = await checked(fixture('lineage-quoted.csv'), quoted);
    expect(report).toMatchObject({ rows: 1 });
    expect(report).toHaveProperty('columns.9', 'effectType');
    const headerOnly = await checked('source_table,target_table', described('csv'));
    expect(headerOnly).toEqual({
      format: 'csv',
      columns: ['source_table', 'target_table'],
      rows: 0,
    });
    const noLineEnd = await checked('source_table,target_table\na,b', described('csv'));
    expect(noLineEnd).toMatchObject({ rows: 1 });
  });

  it.each([
    'source_table,target_table,type\na,b,c\na,b\na,b',
    'source_table,target_table\na,b\na,b,with,commas',
    'source_table,target_table\na,b\n\n\na,b\n',
  ])('takes rows of any width, whose last values may be left out: %j', async (body) => {
    expect(await checked(body, described('csv'))).toMatchObject({ format: 'csv' });
  });

  it.each([
    ['SqlFlow.NotTheFormat', '{"code":500}'],
    ['SqlFlow.NotTheFormat', ''],
    ['SqlFlow.NotTheFormat', 'something,else\n1,2\n'],
    ['SqlFlow.NotTheFormat', '<html>'],
    ['SqlFlow.Truncated', 'source_table,target_table\na,"half'],
    ['SqlFlow.Truncated', 'source_table,target_table\na,b\nhal'],
    ['SqlFlow.Truncated', 'source_table,target_table\r\nhal'],
    ['SqlFlow.Truncated', 'source,target,type\na,b,c\n"a,b",c'],
  ])('refuses as %s the CSV %j', async (reason, body) => {
    expect(await failureOf(checked(body, described('csv')))).toMatchObject({ reason });
  });

  it.each([
    fixture('lineage.graphml'),
    '<graphml/>',
    '<g:graphml xmlns:g="x"><g:graph/></g:graphml>\n',
  ])('takes the GraphML %s', async (body) => {
    expect(await checked(body, described('graphml'))).toEqual({ format: 'graphml' });
  });

  it.each([
    ['SqlFlow.NotTheFormat', '{"code":200}'],
    ['SqlFlow.NotTheFormat', '<html><graphml></graphml></html>'],
    ['SqlFlow.NotTheFormat', ''],
    ['SqlFlow.Truncated', fixture('lineage.graphml').replace('</graphml>', '')],
    ['SqlFlow.Truncated', '<graphml><graph><node id="n0"/>'],
  ])('refuses as %s the GraphML %s', async (reason, body) => {
    expect(await failureOf(checked(body, described('graphml')))).toMatchObject({ reason });
  });
});
