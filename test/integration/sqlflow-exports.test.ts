import { text } from 'node:stream/consumers';
import {
  checkedExport,
  IncompleteError,
  VendorError,
  type ExportStream,
  type LineageReport,
  type SqlFlowClient,
} from '../../src/clients/sqlflow/public';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../src/local/sqlflow/local-sqlflow';
import { closeClients, endedJob, failure, file, signal, sqlflowClient } from './support';

const sql = `create table sales.orders (id int, amount int, day date);
create view mart.daily as select day, sum(amount) as total from sales.orders where id > 0 group by day;
insert into mart.report (day, total) select day, total from mart.daily;
insert into other.copy (name) select name from other.source;`;

const started: LocalSqlFlow[] = [];

afterAll(async () => {
  await closeClients();
  await Promise.all(started.map((sqlflow) => sqlflow.close()));
});

async function startedJob(options: LocalSqlFlowOptions = {}, content = sql) {
  const sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0, ...options });
  started.push(sqlflow);
  const client = sqlflowClient(sqlflow);
  const { jobId } = await client.submitUserJob(
    { jobName: 'exports', dbVendor: 'dbvhive', files: [file('all.sql', content)] },
    signal,
  );
  await endedJob(client, jobId);
  return { sqlflow, client, jobId };
}

let client: SqlFlowClient;
let jobId: string;
beforeAll(async () => {
  ({ client, jobId } = await startedJob());
});

/** An export to its end, and what the check saw in it. */
async function read(exported: ExportStream): Promise<{ content: string; report: LineageReport }> {
  let report: LineageReport | undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of checkedExport(exported, (seen) => (report = seen))) chunks.push(chunk);
  if (report === undefined) throw new Error('the check reported nothing');
  return { content: Buffer.concat(chunks).toString('utf8').toLowerCase(), report };
}

interface Model {
  readonly data: {
    readonly mode: string;
    readonly sqlflow: {
      readonly relationships: {
        type: string;
        target: { column: string; parentname: string };
        sources: { column: string; parentname: string }[];
      }[];
    };
  };
}

async function model(exported: ExportStream): Promise<Model['data']['sqlflow']['relationships']> {
  const { content } = await read(exported);
  return (JSON.parse(content) as Model).data.sqlflow.relationships;
}

test('the JSON export holds the column lineage, and its check counts it', async () => {
  const { content, report } = await read(await client.exportLineageAsJson(jobId, {}, signal));
  const { data } = JSON.parse(content) as Model;
  expect(data.mode).toBe('global');
  expect(report).toMatchObject({
    format: 'json',
    mode: 'global',
    relationships: data.sqlflow.relationships.length,
    modelErrors: [],
  });
  const columns = data.sqlflow.relationships.map(({ target, sources }) => [
    sources.map(({ column }) => column).join(),
    target.column,
  ]);
  expect(columns).toContainEqual(['total', 'total']);
});

test('settings decide what the JSON export shows', async () => {
  const types = async (showRelationType: string) =>
    new Set(
      (await model(await client.exportLineageAsJson(jobId, { showRelationType }, signal))).map(
        ({ type }) => type,
      ),
    );
  expect(await types('fdd')).toEqual(new Set(['fdd']));
  expect(await types('fdd,fdr')).toEqual(new Set(['fdd', 'fdr']));
  const whole = await model(await client.exportLineageAsJson(jobId, {}, signal));
  const short = await model(
    await client.exportLineageAsJson(jobId, { ignoreRecordSet: true, simpleOutput: true }, signal),
  );
  expect(short.length).toBeLessThan(whole.length);
  const oneTable = await model(
    await client.exportLineageAsJson(jobId, { table: 'report' }, signal),
  );
  expect(oneTable.length).toBeGreaterThan(0);
  expect(oneTable.length).toBeLessThan(whole.length);
});

test('tableToTable gives tables in place of columns, in every format', async () => {
  const settings = { tableToTable: true };
  const relations = await model(await client.exportLineageAsJson(jobId, settings, signal));
  expect(new Set(relations.map(({ target }) => target.column))).toEqual(new Set(['*']));
  const csv = await read(await client.exportFullLineageAsCsv(jobId, settings, signal));
  expect(csv.content).not.toContain('amount');
  expect(csv.content).toMatch(/sales,\w*,orders,,mart,\w*,daily,,/);
  const graphml = await read(await client.exportLineageAsGraphml(jobId, settings, signal));
  expect(graphml.content).toContain('orders');
  expect(graphml.content).not.toContain('amount');
});

test('the full JSON export shows the relation types asked for', async () => {
  const full = await model(
    await client.exportFullLineageAsJson(jobId, { showRelationType: 'fdd,fdr' }, signal),
  );
  expect(new Set(full.map(({ type }) => type))).toEqual(new Set(['fdd', 'fdr']));
});

test.each([undefined, ';', '\t', '|'])('the CSV export is parted by %j', async (delimiter) => {
  const { content, report } = await read(
    await client.exportFullLineageAsCsv(jobId, { delimiter }, signal),
  );
  const [header = '', ...rows] = content.trimEnd().split('\n');
  expect(header.split(delimiter ?? ',')).toHaveLength(10);
  expect(rows.every((row) => row.split(delimiter ?? ',').length === 10)).toBe(true);
  expect(report).toMatchObject({ format: 'csv', rows: rows.length });
  expect(content).toMatch(/orders.amount.*total/);
});

test('the GraphML export is one whole graph', async () => {
  const { content, report } = await read(await client.exportLineageAsGraphml(jobId, {}, signal));
  expect(report).toEqual({ format: 'graphml' });
  expect(content).toMatch(/<graphml[^]*<edge[^]*<\/graphml>\s*$/);
  expect(content).toContain('amount');
});

test.each([
  { dbObjects: 'servers', relationsKey: 'relations', modelPlace: 'data' },
  { csvStyle: 'quoted', unnamed: '', exportContentType: 'own' },
  { warnings: 'code203' },
] as const)('a server that words its exports otherwise (%j) is read as well', async (behaviour) => {
  const other = await startedJob({ behaviour });
  const json = await read(await other.client.exportLineageAsJson(other.jobId, {}, signal));
  const usual = await read(await client.exportLineageAsJson(jobId, {}, signal));
  expect(json.report).toEqual(usual.report);
  const csv = await read(await other.client.exportFullLineageAsCsv(other.jobId, {}, signal));
  expect(csv.report).toMatchObject({ format: 'csv' });
  await read(await other.client.exportLineageAsGraphml(other.jobId, {}, signal));
});

test('a summary without relationships is never taken for a lineage', async () => {
  const other = await startedJob({ behaviour: { exportMode: 'summary' } });
  const exported = await other.client.exportLineageAsJson(other.jobId, {}, signal);
  expect(await failure(read(exported), IncompleteError)).toMatchObject({
    reason: 'SqlFlow.SummaryOnly',
  });
});

test('what could not be parsed stands in the report of the JSON export', async () => {
  const other = await startedJob({}, `${sql}\nselec from where (;`);
  const { report } = await read(await other.client.exportLineageAsJson(other.jobId, {}, signal));
  expect(report).toMatchObject({ format: 'json', modelErrors: [expect.any(String)] });
});

test('every export of a job that is unknown or runs is refused, CSV and GraphML too', async () => {
  const running = await client.submitUserJob(
    {
      jobName: 'running',
      dbVendor: 'dbvhive',
      files: [file('all.sql', `-- local: delay 60s\n${sql}`)],
    },
    signal,
  );
  const exports = (id: string) => [
    client.exportLineageAsJson(id, {}, signal),
    client.exportFullLineageAsJson(id, {}, signal),
    client.exportFullLineageAsCsv(id, {}, signal),
    client.exportLineageAsGraphml(id, {}, signal),
  ];
  for (const exported of exports('f'.repeat(32))) {
    expect(await failure(exported, VendorError)).toMatchObject({ kind: 'notFound' });
  }
  for (const exported of exports(running.jobId)) await failure(exported, VendorError);
  await client.deleteUserJob(running.jobId, signal);
});

test('an export that is cut short is an error and not a short lineage', async () => {
  const { sqlflow, client: own, jobId: id } = await startedJob();
  const exports = {
    exportLineageAsJson: () => own.exportLineageAsJson(id, {}, signal),
    exportFullLineageAsCsv: () => own.exportFullLineageAsCsv(id, {}, signal),
    exportLineageAsGraphml: () => own.exportLineageAsGraphml(id, {}, signal),
  };
  for (const [endpoint, open] of Object.entries(exports)) {
    sqlflow.service.setFaults({ faults: [{ endpoint, do: 'truncate' }] });
    const cut = open().then(({ body }) => text(body));
    await expect(cut).rejects.toMatchObject({ code: 'Transport.TruncatedBody', sent: 'maybe' });
  }
});
