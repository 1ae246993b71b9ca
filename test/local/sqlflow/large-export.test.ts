import { LocalSqlFlow } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller, type Answer } from './sqlflow-caller';
import { parseXml } from './xml';

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;
let jobId: string;
beforeAll(async () => {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0 });
  caller = new SqlFlowCaller(sqlflow);
  const sql = '-- local: export 200 KB\ninsert into o select a from t';
  jobId = await caller.finish({ 'a.sql': sql });
});
afterAll(() => sqlflow.close());

const leastBytes = 200 * 1024;

it('is as large as a comment asks for, every relation between columns that are there', async () => {
  const text = await caller.text('exportFullLineageAsJson', { jobId });
  expect(text.length).toBeGreaterThan(leastBytes);
  const { data } = JSON.parse(text);
  const { relationships, dbobjs } = data.sqlflow;
  const columns = new Set(dbobjs.flatMap((object: Answer) => object.columns ?? []).map(idOf));
  const ends = relationships.flatMap((one: Answer) => [one.target, ...one.sources]).map(idOf);
  expect(ends.filter((id: string) => !columns.has(id))).toEqual([]);
  expect(new Set(relationships.map(idOf)).size).toBe(relationships.length);
  expect(data.summary.relationship).toBe(relationships.length);
  const real = relationships.filter(({ target }: Answer) => target.parentName === 'o');
  expect(real).toHaveLength(1);
});

it('is as large in the other formats, too, and holds what the files say', async () => {
  const csv = await caller.text('exportFullLineageAsCsv', { jobId });
  expect(csv.length).toBeGreaterThan(leastBytes);
  expect(csv).toContain('DEFAULT,DEFAULT,t,a,DEFAULT,DEFAULT,o,a,fdd,insert\n');
  const graphml = await caller.text('exportLineageAsGraphml', { jobId });
  expect(graphml.length).toBeGreaterThan(leastBytes);
  expect(() => parseXml(graphml)).not.toThrow();
});

it('is small where a name is asked for', async () => {
  const { data } = await caller.json('exportLineageAsJson', { jobId, table: 'o' });
  expect(data.sqlflow.relationships).toHaveLength(2);
});

function idOf({ id }: { readonly id: string }): string {
  return id;
}
