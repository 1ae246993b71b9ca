import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import type { SqlFlowBehaviour } from '../../src/local/sqlflow/behaviour';
import { readLineage } from '../../src/lineage/read-lineage';
import type { Lineage } from '../../src/lineage/model';
import { closeClients, endedJob, file, sqlflowClient } from '../integration/support';
import { canonical, edgesOf, signal } from './support';

const sql = `create table Sales.Orders (id int, amount int, day date);
create view mart.daily as
  with days as (select day, amount, id from sales.orders o)
  select d.day, sum(d.amount) as total, count(*) as orders
  from days d join crm.customers c on d.id = c.id where d.id > 0 group by d.day;
insert into MART.report (day, total) select DAY, t from (select day, total + 1 as t from mart.DAILY) q;
merge into mart.report r using crm.fixes f on r.day = f.day when matched then update set r.total = f.total;
create table plain as select id, 1 as one from sales.orders;
insert into "odd.name"."Table" (a) select total from mart.report;
select nobody from unknown_a, unknown_b;
selec broken;`;

const started: LocalSqlFlow[] = [];
afterAll(async () => {
  await closeClients();
  await Promise.all(started.map((sqlflow) => sqlflow.close()));
});

async function exportedBy(
  behaviour: Partial<SqlFlowBehaviour>,
  settings: Readonly<Record<string, boolean>> = {},
): Promise<Lineage> {
  const sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0, behaviour });
  started.push(sqlflow);
  const client = sqlflowClient(sqlflow);
  const files = [file('etl/all.sql', sql)];
  const { jobId } = await client.submitUserJob(
    { jobName: 'j', dbVendor: 'dbvmssql', files },
    signal,
  );
  await endedJob(client, jobId);
  const shown = { showRelationType: 'fdd,fdr,frd,join', ...settings };
  const exported = await client.exportLineageAsJson(jobId, shown, signal);
  return readLineage(exported.body, { signal });
}

let plain: Lineage;
beforeAll(async () => {
  plain = await exportedBy({});
});

test('the lineage of real SQL lies between its tables and views', () => {
  expect(edgesOf(plain)).toEqual(
    expect.arrayContaining([
      'fdd sales.orders.amount -> mart.daily.total',
      'frd crm.customers.relationrows -> mart.daily.orders',
      'fdr sales.orders.id -> mart.daily.relationrows',
      'fdd mart.daily.total -> mart.report.total',
      'fdd crm.fixes.total -> mart.report.total',
      'fdd mart.report.total -> odd.name.table.a',
    ]),
  );
  const kinds = plain.datasets.map(({ key, kind }) => `${kind} ${key}`);
  expect(kinds).toEqual([...kinds].sort((a, b) => (a.split(' ')[1]! < b.split(' ')[1]! ? -1 : 1)));
  expect(kinds).toContain('view mart.daily');
  expect(kinds.filter((kind) => !/^(table|view) [a-z_.]+$/.test(kind))).toEqual([]);
  expect(plain.errors).toMatchObject([
    { type: 'LinkOrphanColumn', file: 'all.sql', line: 10 },
    { type: 'SyntaxHint', file: 'all.sql', line: 11, column: 1 },
  ]);
});

test.each<Partial<SqlFlowBehaviour>>([
  { dbObjects: 'servers' },
  { dbObjects: 'servers', unnamed: '', relationsKey: 'relations', modelPlace: 'data' },
  { warnings: 'code203', modelPlace: 'data' },
])('a server that words its exports otherwise (%j) tells the same lineage', async (behaviour) => {
  expect(canonical(await exportedBy(behaviour))).toEqual(canonical(plain));
});

test('an export that leaves out the result sets itself tells the same edges', async () => {
  const short = await exportedBy({}, { ignoreRecordSet: true, simpleOutput: true });
  expect(edgesOf(short)).toEqual(edgesOf(plain));
});

test('a summary from the server is refused', async () => {
  await expect(exportedBy({ exportMode: 'summary' })).rejects.toThrow('summary');
});
