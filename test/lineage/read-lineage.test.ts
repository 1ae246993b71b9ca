import { createReadStream } from 'node:fs';
import path from 'node:path';
import { readLineage } from '../../src/lineage/read-lineage';
import { isParseError } from '../../src/lineage/model-error';
import { canonical, edgesOf, end, exported, read, relation, signal } from './support';

const simple = [
  relation('fdd', ['sales.orders.amount'], 'RS-1.total'),
  relation('fdd', ['RS-1.total'], 'mart.daily.total'),
];
const composed = ['fdd sales.orders.amount -> mart.daily.total'];

function fixture(name: string) {
  const file = path.join(__dirname, '../fixtures/sqlflow', name);
  return readLineage(createReadStream(file, { highWaterMark: 7 }), { signal });
}

test("the vendor's own samples are read, with the errors in them", async () => {
  const lineage = await fixture('lineage.json');
  expect(edgesOf(lineage)).toEqual([
    'fdd person.address.postalcode -> dbo.target.a "quoted" {name}',
  ]);
  expect(lineage.errors).toEqual([
    { type: 'LinkOrphanColumn', message: 'find orphan column(10500) near: name(4,5)' },
  ]);
  const flat = await fixture('lineage-flat.json');
  expect(flat).toMatchObject({ datasets: [], errors: [] });
});

const model = { dbvendor: 'dbvhive', relationships: simple, dbobjs: [] };
test.each([
  ['in the envelope', { code: 200, data: { mode: 'global', sqlflow: model } }],
  ['straight under data', { code: '200', data: model }],
  ['without an envelope', model],
  ['under sqlflow alone', { sqlflow: model }],
  ['with warnings', { code: 203, error: ['some'], data: { sqlflow: model } }],
  ['as relations', { data: { dbobjs: [], relations: simple } }],
  ['with the code at the end', { data: { sqlflow: model }, code: 200 }],
])('a model %s is read', async (_, value) => {
  expect(edgesOf(await read(value))).toEqual(composed);
  // A line a token, and a byte order mark.
  expect(edgesOf(await read(`\ufeff\n${JSON.stringify(value, undefined, 1)}\n`))).toEqual(composed);
});

test.each([
  ['a summary', { code: 200, data: { mode: 'summary', summary: {} } }, 'Lineage.SummaryOnly'],
  [
    'a summary with an empty model',
    { data: { mode: 'summary', sqlflow: { dbobjs: [] } } },
    'Lineage.SummaryOnly',
  ],
  ['a refusal', { code: 500, error: 'The job is not finished.' }, 'Lineage.NotLineage'],
  ['other JSON', { name: 'x', version: '1' }, 'Lineage.NotLineage'],
  ['a list', [model], 'Lineage.NotLineage'],
  ['CSV', 'source_db,source_schema', 'Lineage.NotLineage'],
  ['nothing', '  ', 'Lineage.NotLineage'],
  ['broken JSON', '{"data":{]}', 'Lineage.NotLineage'],
  ['a cut export', JSON.stringify(exported(simple)).slice(0, -3), 'Lineage.Truncated'],
])('%s is never taken for a lineage', async (_, value, code) => {
  await expect(read(value)).rejects.toMatchObject({ name: 'LineageError', code });
});

test('a refusal is told in the words of the service', async () => {
  await expect(read({ code: 410, error: 'rerun the job' })).rejects.toThrow(
    'a refusal with code 410: rerun the job',
  );
});

test('a tree of servers and a list of objects make the same lineage', async () => {
  const columns = [{ id: '5', name: 'Amount' }];
  const list = await read(
    exported(simple, [
      { id: '4', name: 'Sales.Orders', type: 'table', columns },
      { id: '6', name: 'mart.daily', type: 'view', columns: [{ name: 'TOTAL' }] },
    ]),
  );
  const tree = (named: (level: string) => object) => ({
    createdBy: 'sqlflow',
    servers: [
      {
        name: 'DEFAULT_SERVER',
        databases: [
          {
            ...named('DEFAULT'),
            schemas: [
              { tables: [{ id: '4', name: 'Orders', type: 'table', columns }], ...named('sales') },
              {
                ...named('Mart'),
                views: [{ id: '6', name: 'DAILY', columns: [{ name: 'total' }] }],
              },
              { ...named(''), others: [{ id: '7', name: 'RS-1', type: 'select_list' }] },
            ],
          },
        ],
      },
      { name: 'other', schemas: [{ name: 'sales', tables: [] }], databases: [{ tables: [] }] },
    ],
  });
  expect(
    canonical(
      await read(
        exported(
          simple,
          tree((name) => ({ name })),
        ),
      ),
    ),
  ).toEqual(canonical(list));
});

test('a name is the same with and without quotes, unnamed levels and its own case', async () => {
  const names = [
    ['sales.orders.id', 'mart.daily.id'],
    ['DEFAULT.Sales.ORDERS.ID', 'Mart.Daily.Id'],
    ['"sales"."orders".`ID`', '[mart].[daily].[id]'],
    ['.sales.orders.id', 'default..mart.daily.id'],
  ];
  const lineages = await Promise.all(
    names.map(([source = '', target = '']) => {
      const at = target.lastIndexOf('.');
      const ends = {
        target: { ...end('a.b'), parentName: target.slice(0, at), column: target.slice(at + 1) },
      };
      return read(exported([relation('fdd', [source], target, ends)]));
    }),
  );
  for (const lineage of lineages) {
    expect(edgesOf(lineage)).toEqual(['fdd sales.orders.id -> mart.daily.id']);
  }
});

test('dots inside of quotes part nothing', async () => {
  const target = { column: 'x', parentName: '"my.schema"."my table"' };
  const lineage = await read(exported([{ ...relation('fdd', ['a.b'], 'a.c'), target }]));
  expect(lineage.datasets.map(({ name }) => name)).toContain('my.schema.my table');
});

test('a list that names a table without its schema means the table that relations name', async () => {
  const relations = [
    {
      type: 'fdd',
      target: end('mart.daily.total', 2, 1),
      sources: [end('Person.Address.city', 4, 3)],
    },
  ];
  const lineage = await read(exported(relations, [{ id: '3', name: 'ADDRESS', type: 'table' }]));
  expect(lineage.datasets.map(({ key }) => key)).toEqual(['mart.daily', 'person.address']);
});

test('two columns of one name in a result set are not mixed up', async () => {
  const relations = [
    { type: 'fdd', target: end('RS-1.id', 11, 10), sources: [end('a.id', 2, 1)] },
    { type: 'fdd', target: end('RS-1.id', 12, 10), sources: [end('b.id', 4, 3)] },
    { type: 'fdd', target: end('t.x', 21, 20), sources: [end('RS-1.id', 11, 10)] },
    { type: 'fdd', target: end('t.y', 22, 20), sources: [end('RS-1.id', 12, 10)] },
  ];
  expect(edgesOf(await read(exported(relations)))).toEqual(['fdd a.id -> t.x', 'fdd b.id -> t.y']);
});

test('a path is as direct as its least direct step', async () => {
  const lineage = await read(
    exported([
      relation('fdd', ['t.a', 't.b'], 'RS-1.a'),
      relation('fdr', ['t.c'], 'RS-1.RelationRows'),
      relation('frd', ['t.RelationRows'], 'RS-1.n'),
      relation('fdr', ['RS-1.a'], 'RS-2.RelationRows'),
      relation('fdd', ['RS-1.a', 'RS-1.n'], 'RS-2.a'),
      relation('fdr', ['RS-1.RelationRows'], 'RS-2.RelationRows'),
      relation('fdd', ['RS-2.a'], 'w.a'),
      relation('fdr', ['RS-2.RelationRows'], 'w.RelationRows'),
    ]),
  );
  expect(edgesOf(lineage)).toEqual([
    'fdd t.a -> w.a',
    'fdd t.b -> w.a',
    'frd t.relationrows -> w.a',
    'fdr t.a -> w.relationrows',
    'fdr t.b -> w.relationrows',
    'fdr t.c -> w.relationrows',
  ]);
});

test('comparisons are composed along values alone, and calls join procedures', async () => {
  const lineage = await read(
    exported([
      relation('fdd', ['t.a'], 'RS-1.a'),
      relation('fdr', ['t.b'], 'RS-1.a'),
      relation('join', ['RS-1.a'], 'u.a'),
      {
        type: 'call',
        caller: { id: '1', name: 'etl.main' },
        callees: [{ id: '2', name: 'etl.load' }],
      },
      relation('novel', ['t.a'], 'u.a'),
    ]),
  );
  expect(edgesOf(lineage)).toEqual([
    'call etl.load.* -> etl.main.*',
    'join t.a -> u.a',
    'other t.a -> u.a',
  ]);
});

test('result sets that feed each other in a circle end', async () => {
  const lineage = await read(
    exported([
      relation('fdd', ['t.a', 'CTE-R-1.a'], 'RS-1.a'),
      relation('fdd', ['RS-1.a'], 'CTE-R-1.a'),
      relation('fdd', ['CTE-R-1.a'], 'w.a'),
    ]),
  );
  expect(edgesOf(lineage)).toEqual(['fdd t.a -> w.a']);
});

test('a table that is called like a result set is a table where the server says so', async () => {
  const relations = [relation('fdd', ['RS-1.a'], 'w.a')];
  expect(edgesOf(await read(exported(relations)))).toEqual([]);
  const lineage = await read(exported(relations, [{ id: '9', name: 'RS-1', type: 'table' }]));
  expect(edgesOf(lineage)).toEqual(['fdd rs-1.a -> w.a']);
});

test('what another file makes as a view is a view, in whatever order they come', async () => {
  const objects = [
    { id: '1', name: 'mart.daily', type: 'table' },
    { id: '2', name: 'MART.DAILY', type: 'view' },
  ];
  for (const dbobjs of [objects, [...objects].reverse()]) {
    const { datasets } = await read(exported([], dbobjs));
    expect(datasets).toMatchObject([{ key: 'mart.daily', name: 'MART.DAILY', kind: 'view' }]);
  }
});

test("a kind is a word of the server's, or none", async () => {
  const dbobjs = [
    { name: 'a', type: 'External Table' },
    { name: 'b', type: '\u001b[2J' },
    { name: 'c' },
  ];
  const { datasets } = await read(exported([], dbobjs));
  expect(datasets.map(({ kind }) => kind)).toEqual(['external table', 'table', 'table']);
});

test('columns that a query reads for itself are marked, since no edge tells of them', async () => {
  const { columns } = await read(
    exported([
      relation('fdd', ['t.a'], 'RS-1.a'),
      relation('fdr', ['t.b'], 'RS-1.RelationRows'),
      relation('fdd', ['t.c'], 'w.c'),
    ]),
  );
  const queried = columns.filter((column) => column.queried).map(({ key }) => key);
  expect(queried).toEqual(['a', 'b']);
});

test('a table-to-table export has an edge for each pair of tables', async () => {
  const lineage = await read(exported([relation('fdd', ['a.*', 'b.*'], 'c.*')]));
  expect(edgesOf(lineage)).toEqual(['fdd a.* -> c.*', 'fdd b.* -> c.*']);
  expect(new Set(lineage.columns.map(({ role }) => role))).toEqual(new Set(['star']));
});

test('statements that make one edge leave it one edge', async () => {
  const lineage = await read(
    exported(
      [
        relation('fdd', ['a.x'], 'b.x', { effectType: 'merge_insert', processId: '8' }),
        relation('fdd', ['A.X'], 'B.X', { effectType: 'insert', processId: 9 }),
      ],
      [
        { id: '8', name: 'QUERY MERGE-1', type: 'process', queryHashId: 'AB' },
        { id: '9', name: 'QUERY INSERT-1', type: 'process' },
      ],
    ),
  );
  expect(lineage.edges.length).toBe(1);
  expect(lineage.effects[lineage.edges.effect[0]!]).toBe('insert');
  expect(lineage.processes[lineage.edges.process[0]!]).toEqual({ name: 'QUERY INSERT-1' });
  expect(lineage.datasets.map(({ key }) => key)).toEqual(['a', 'b']);
});

test('a fan of rows that would never end is refused with what to do', async () => {
  const many = Array.from({ length: 40 }, (_, index) => index);
  const relations = [
    relation(
      'fdr',
      many.map((index) => `t.c${index}`),
      'RS-1.RelationRows',
    ),
    ...many.map((index) => relation('fdr', ['RS-1.RelationRows'], `w.c${index}`)),
  ];
  expect((await read(exported(relations))).edges.length).toBe(1600);
  await expect(read(exported(relations), { edges: 1599 })).rejects.toMatchObject({
    code: 'Lineage.TooLarge',
    message: expect.stringContaining('ignoreRecordSet'),
  });
  await expect(read(exported(relations), { steps: 100 })).rejects.toThrow('more than 100 steps');
});

test("the server's errors are told by file and position, as far as it tells them", async () => {
  const at = [
    { hashCode: '0', x: 14, y: 8 },
    { hashCode: '0', x: 14, y: 30 },
  ];
  const { errors } = await read(
    exported([], [], {
      errors: [
        {
          errorMessage: 'etl/b.sql(4,28): no statement begins with selec',
          errorType: 'SyntaxHint',
        },
        {
          errorMessage: 'find orphan column(10500) near: d(14,8)',
          errorType: 'SyntaxHint',
          originCoordinates: at,
        },
        {
          errorMessage: 'Link orphan column [d] to the first table [emp]',
          errorType: 'LinkOrphanColumn',
          coordinates: at,
        },
        'a word',
        { errorMessage: 'a(1).sql(2,3): wrong', coordinates: [{ x: 0, y: -1 }] },
      ],
    }),
  );
  expect(errors).toEqual([
    { message: 'a word' },
    {
      message: 'Link orphan column [d] to the first table [emp]',
      type: 'LinkOrphanColumn',
      line: 14,
      column: 8,
    },
    { message: 'find orphan column(10500) near: d(14,8)', type: 'SyntaxHint', line: 14, column: 8 },
    { message: 'wrong', file: 'a(1).sql', line: 2, column: 3 },
    {
      message: 'no statement begins with selec',
      type: 'SyntaxHint',
      file: 'etl/b.sql',
      line: 4,
      column: 28,
    },
  ]);
  expect(errors.map(isParseError)).toEqual([true, false, false, true, true]);
});

test('fields of other kinds than promised crash nothing', async () => {
  const odd = [
    { type: 7, target: 'x', sources: {} },
    { target: { column: 1, parentName: null }, sources: [null, 3, [], { column: 'a' }] },
    { __proto__: { type: 'fdd' }, sources: [{ column: 'a', parentId: '999' }], target: end('w.a') },
  ];
  const dbobjs = [{ name: 5 }, { columns: ['a', { name: ['b'] }], id: true, name: 'w' }, 'x', [[]]];
  const lineage = await read(
    exported(odd, dbobjs, { errors: [[1], null, 3, { errorMessage: {} }] }),
  );
  expect(edgesOf(lineage)).toEqual([]);
  expect(lineage.datasets.map(({ key }) => key)).toContain('w');
});

test('reading stops when it is told to', async () => {
  const controller = new AbortController();
  const body = (async function* () {
    yield '{"data":{';
    controller.abort(new Error('enough'));
    yield '"relations":[]}}';
  })();
  await expect(readLineage(body, { signal: controller.signal })).rejects.toThrow('enough');
});
