import fc from 'fast-check';
import { lineageEvents, eventOutputs, emptyEvent } from '../../src/lineage/openlineage/events';
import { defaultDatasetNamespace } from '../../src/lineage/openlineage/naming';
import { readLineage } from '../../src/lineage/read-lineage';
import { exportOf, type Flow } from './sqlflow-model';
import { schemaMistakes } from './openlineage-schemas';

const settings = {
  jobName: 'nightly',
  jobNamespace: 'etl',
  datasetNamespace: 'hive://metastore:9083',
  names: 'lower',
  runSeed: 'revision 7',
  atMs: Date.UTC(2026, 10, 22, 3, 4, 5),
} as const;
const { signal } = new AbortController();

async function read(...model: Parameters<typeof exportOf>) {
  return readLineage([exportOf(...model)] as unknown as AsyncIterable<string>, { signal });
}

async function events(
  tables: Readonly<Record<string, readonly string[]>>,
  flows: readonly Flow[],
  more: object = {},
) {
  return [...lineageEvents(await read(tables, flows), { ...settings, ...more })];
}

const tables = {
  'raw.orders': ['id', 'amount', 'state'],
  'raw.people': ['id', 'name'],
  'DW.Sales': ['Amount', 'Buyer', 'Lines'],
  'dw.report': ['total'],
};
const flows: Flow[] = [
  { from: ['raw.orders.amount'], to: 'DW.Sales.Amount' },
  { from: ['raw.people.name', 'raw.orders.id'], to: 'DW.Sales.Buyer' },
  { kind: 'frd', from: ['raw.orders#'], to: 'DW.Sales.Lines' },
  { kind: 'fdr', from: ['raw.orders.state'], to: 'DW.Sales#' },
  { kind: 'join', from: ['raw.orders.id'], to: 'raw.people.id' },
  { from: ['DW.Sales.Amount'], to: 'dw.report.total' },
];

const orders = { namespace: 'hive://metastore:9083', name: 'raw.orders' };
const people = { namespace: 'hive://metastore:9083', name: 'raw.people' };
const direct = { transformations: [{ type: 'DIRECT' }] };

test('each dataset that something flows into is a job of its own, with its sources as inputs', async () => {
  const made = await events(tables, flows);
  expect(made.map(({ job, inputs, outputs }) => [job.name, names(inputs), names(outputs)])).toEqual(
    [
      ['nightly.dw.report', ['dw.sales'], ['dw.report']],
      ['nightly.dw.sales', ['raw.orders', 'raw.people'], ['dw.sales']],
    ],
  );
  expect(made[1]).toMatchObject({
    eventType: 'COMPLETE',
    eventTime: '2026-11-22T03:04:05.000Z',
    job: { namespace: 'etl' },
  });
});

test('columns say which columns their values come from, and the dataset what decides about its rows', async () => {
  const [, sales] = await events(tables, flows);
  const facet = sales?.outputs[0]?.facets.columnLineage;
  expect(facet?.fields).toEqual({
    amount: { inputFields: [{ ...orders, field: 'amount', ...direct }] },
    buyer: {
      inputFields: [
        { ...orders, field: 'id', ...direct },
        { ...people, field: 'name', ...direct },
      ],
    },
  });
  expect(facet?.dataset).toEqual([
    { ...orders, field: 'state', transformations: [{ type: 'INDIRECT' }] },
  ]);
});

test('a column that both makes a value and decides about it is told once, with both ways', async () => {
  const [report] = await events({ a: ['x'], b: ['y'] }, [
    { from: ['a.x'], to: 'b.y' },
    { kind: 'fdr', from: ['a.x'], to: 'b.y' },
    { kind: 'frd', from: ['a.x'], to: 'b.y' },
  ]);
  expect(report?.outputs[0]?.facets.columnLineage?.fields['y']?.inputFields).toEqual([
    {
      namespace: settings.datasetNamespace,
      name: 'a',
      field: 'x',
      transformations: expect.arrayContaining([
        { type: 'DIRECT' },
        { type: 'DIRECT', subtype: 'AGGREGATION' },
        { type: 'INDIRECT' },
      ]),
    },
  ]);
});

test('every column that lineage names is in the schema of its dataset, as Marquez needs it', async () => {
  for (const { inputs, outputs } of await events(tables, flows)) {
    const known = new Set(
      [...inputs, ...outputs].flatMap(({ name, facets }) =>
        facets.schema!.fields.map((field) => `${name}.${field.name}`),
      ),
    );
    for (const { name, facets } of outputs) {
      const { fields = {}, dataset = [] } = facets.columnLineage ?? {};
      const used = [...Object.values(fields).flatMap((one) => one.inputFields), ...dataset];
      for (const column of Object.keys(fields)) expect(known).toContain(`${name}.${column}`);
      for (const input of used) expect(known).toContain(`${input.name}.${input.field}`);
    }
  }
});

test('lineage between tables alone makes inputs and outputs without columns', async () => {
  const [only] = await events({ 'raw.orders': [], 'dw.sales': [] }, [
    { from: ['raw.orders.*'], to: 'dw.sales.*' },
  ]);
  expect(names(only?.inputs ?? [])).toEqual(['raw.orders']);
  expect(only?.outputs[0]?.facets.columnLineage?.fields).toEqual({});
  expect(schemaMistakes(only)).toEqual([]);
});

test('the same refresh gives the same run ids, another one gives others', async () => {
  const ids = async (more = {}) => (await events(tables, flows, more)).map(({ run }) => run.runId);
  const first = await ids();
  expect(await ids()).toEqual(first);
  expect(new Set([...first, ...(await ids({ runSeed: 'revision 8' }))]).size).toBe(4);
  for (const id of first)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
});

test('names are lower case, so that no spelling in the SQL makes a second dataset, or as asked', async () => {
  const named = async (spelling: string) => {
    const [, sales] = await events(tables, flows, { names: spelling });
    const columns = Object.keys(sales?.outputs[0]?.facets.columnLineage?.fields ?? {});
    return [sales?.job.name, sales?.outputs[0]?.name, ...columns];
  };
  expect(await named('lower')).toEqual(['nightly.dw.sales', 'dw.sales', 'amount', 'buyer']);
  expect(await named('upper')).toEqual(['nightly.DW.SALES', 'DW.SALES', 'AMOUNT', 'BUYER']);
  expect(await named('written')).toEqual(['nightly.DW.Sales', 'DW.Sales', 'Amount', 'Buyer']);
});

test('a scheduled refresh has its nominal time, another one has none', async () => {
  const scheduledAtMs = Date.UTC(2026, 10, 22, 3);
  const [scheduled] = await events(tables, flows, { scheduledAtMs });
  expect(scheduled?.run.facets.nominalTime).toMatchObject({
    nominalStartTime: '2026-11-22T03:00:00.000Z',
    _schemaURL: expect.stringMatching(/NominalTimeRunFacet\.json#/),
  });
  expect(schemaMistakes(scheduled)).toEqual([]);
  const [asked] = await events(tables, flows);
  expect(asked?.run.facets.nominalTime).toBeUndefined();
});

test('a dataset that has lost all its sources is told with an empty lineage under its job, and keeps its columns', async () => {
  const lineage = await read(tables, flows);
  const [report] = eventOutputs(lineage, 'lower');
  const event = emptyEvent(report ?? { key: '', name: '' }, settings);
  expect(event).toMatchObject({ job: { name: 'nightly.dw.report' }, inputs: [] });
  expect(event.outputs[0]?.facets.columnLineage?.fields).toEqual({});
  // An empty schema would say that it has no columns.
  expect(event.outputs[0]?.facets.schema).toBeUndefined();
  expect(schemaMistakes(event)).toEqual([]);
});

test('an event of more edges than catalogs take tells of tables alone', async () => {
  const columns = Array.from({ length: 150 }, (_, index) => `c${index}`);
  const [wide] = await events({ raw: columns, dw: columns }, [
    ...columns.map((column) => ({
      from: columns.map((from) => `raw.${from}`),
      to: `dw.${column}`,
    })),
  ]);
  expect(names(wide?.inputs ?? [])).toEqual(['raw']);
  expect(wide?.outputs[0]?.facets.columnLineage).toBeUndefined();
  expect(schemaMistakes(wide)).toEqual([]);
});

test('the published schemas catch a wrong run id, a facet without its schema, a source without a column', async () => {
  const [event] = JSON.parse(JSON.stringify(await events(tables, flows)));
  event.run.runId = 'seven';
  delete event.inputs[0].facets.schema._producer;
  delete event.outputs[0].facets.columnLineage.fields.total.inputFields[0].field;
  expect(schemaMistakes(event)).toEqual([
    expect.stringContaining('runId must match format "uuid"'),
    expect.stringContaining("must have required property '_producer'"),
    'event/inputs/0/facets must match a schema in anyOf',
    "schema/schema must have required property '_producer'",
    "columnLineage/columnLineage/fields/total/inputFields/0 must have required property 'field'",
  ]);
});

test('whatever the lineage, events pass the published schemas', async () => {
  const name = fc
    .stringMatching(/^[a-z_é"`'{}\\$<>&;:/ -]{1,12}$/)
    .filter((text) => /[a-z]/.test(text));
  const model = fc
    .uniqueArray(name, { minLength: 2, maxLength: 5, selector: (text) => text.toLowerCase() })
    .chain((found) => {
      const column = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'x y');
      const place = fc.tuple(fc.constantFrom(...found), column).map((parts) => parts.join('.'));
      const rows = fc.constantFrom(...found).map((table) => `${table}#`);
      const flow = fc.record({
        kind: fc.constantFrom('fdd', 'fdr', 'frd', 'join' as const),
        from: fc.array(fc.oneof(place, rows), { minLength: 1, maxLength: 3 }),
        to: fc.oneof(place, rows),
      });
      const all = ['a', 'b', '__proto__', 'constructor', 'x y'];
      return fc.tuple(
        fc.constant(Object.fromEntries(found.map((table) => [table, all]))),
        fc.array(flow as fc.Arbitrary<Flow>, { maxLength: 8 }),
      );
    });
  await fc.assert(
    fc.asyncProperty(model, async ([found, between]) => {
      for (const event of await events(found, between)) {
        expect(schemaMistakes(JSON.parse(JSON.stringify(event)))).toEqual([]);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['dbvhive', 'hive://lineage'],
  ['dbvpostgresql', 'postgres://lineage'],
  ['dbvAzureSQL', 'mssql://lineage'],
  ['dbvathena', 'awsathena://lineage'],
  ['dbvbigquery', 'bigquery'],
  [undefined, 'sql://lineage'],
])('the datasets of %s have the namespace %s where none is given', (dialect, namespace) => {
  expect(defaultDatasetNamespace(dialect, 'lineage')).toBe(namespace);
});

function names(datasets: readonly { readonly name: string }[]): string[] {
  return datasets.map(({ name: found }) => found);
}
