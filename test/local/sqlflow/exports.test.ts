import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller, type Answer } from './sqlflow-caller';
import { parseXml } from './xml';

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;
let jobId: string;

const files = {
  'ddl.sql': 'create table s.t (a int, b int, z int);',
  'etl.sql':
    'create view s.v as select a, b as "odd, ""name"" <&>" from s.t where z = 1;\ninsert into o select a from s.v;',
};

async function start(options: LocalSqlFlowOptions = {}): Promise<void> {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 10, ...options });
  caller = new SqlFlowCaller(sqlflow);
  jobId = await caller.finish(files);
}

afterEach(() => sqlflow.close());

describe('the JSON export', () => {
  it('has the documented shape, with result sets and processes between', async () => {
    await start();
    const model = await caller.json('exportLineageAsJson', { jobId });
    expect(model).toMatchObject({
      jobId,
      code: 200,
      sessionId: expect.any(String),
      data: { mode: 'global', graph: expect.anything() },
    });
    expect(model.data.summary).toEqual({
      schema: 1,
      process: 2,
      database: 0,
      view: 1,
      mostRelationTables: expect.any(Array),
      column: 6,
      relationship: 6,
      table: 2,
    });
    const { dbvendor, relationships, dbobjs } = model.data.sqlflow;
    expect(dbvendor).toBe('dbvpostgresql');
    expect(relationships[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      type: 'fdd',
      effectType: 'select',
      target: {
        id: expect.any(String),
        column: 'a',
        parentId: expect.any(String),
        parentName: 'RS-1',
        coordinates: expect.any(Array),
      },
      sources: [
        {
          id: expect.any(String),
          column: 'a',
          parentId: expect.any(String),
          parentName: 's.t',
          coordinates: [
            { hashCode: '1', x: 1, y: 27 },
            { hashCode: '1', x: 1, y: 28 },
          ],
        },
      ],
      processId: expect.any(String),
    });
    expect(dbobjs.map(({ name, type }: Answer) => `${type} ${name}`)).toEqual([
      'table s.t',
      'view s.v',
      'resultset RS-1',
      'table o',
      'resultset INSERT-SELECT-1',
      'process QUERY CREATE VIEW-1',
      'process QUERY INSERT-1',
    ]);
    expect(dbobjs[0].columns[0]).toEqual({
      id: expect.any(String),
      name: 'a',
      coordinates: [
        { hashCode: '0', x: 1, y: 19 },
        { hashCode: '0', x: 1, y: 20 },
      ],
    });
    const ids = new Set(
      dbobjs.flatMap(({ id, columns = [] }: Answer) => [id, ...columns.map((c: Answer) => c.id)]),
    );
    for (const { target, sources, processId } of relationships) {
      for (const end of [target, ...sources]) {
        expect(ids).toContain(end.id);
        expect(ids).toContain(end.parentId);
      }
      expect(ids).toContain(processId);
    }
  });

  it('shows ends only with simpleOutput, other types when asked, tables with tableToTable', async () => {
    await start();
    const pairs = async (fields: Record<string, string>) => {
      const model = await caller.json('exportLineageAsJson', { jobId, ...fields });
      return model.data.sqlflow.relationships.map(
        ({ type, target, sources }: Answer) =>
          `${type} ${sources.map((s: Answer) => `${s.parentName}.${s.column}`)} ${target.parentName}.${target.column}`,
      );
    };
    expect(await pairs({ simpleOutput: 'true', column: 'a' })).toEqual([
      'fdd s.t.a s.v.a',
      'fdd s.v.a o.a',
    ]);
    expect(await pairs({ ignoreRecordSet: 'true', showRelationType: 'fdr' })).toEqual([
      'fdr s.t.z s.v.RelationRows',
      'fdr s.v.RelationRows o.RelationRows',
    ]);
    expect(await pairs({ tableToTable: 'true' })).toEqual(['fdd s.t.* s.v.*', 'fdd s.v.* o.*']);
  });

  it('keeps to what is up- and downstream of the names asked for', async () => {
    await start();
    const model = await caller.json('exportLineageAsJson', {
      jobId,
      schema: 's',
      table: 't',
      column: 'b',
    });
    const names = model.data.sqlflow.dbobjs.map(({ name }: Answer) => name);
    expect(names).toEqual(['s.t', 's.v', 'RS-1', 'QUERY CREATE VIEW-1']);
  });

  it('takes the other shapes that servers have', async () => {
    await start({
      behaviour: { dbObjects: 'servers', relationsKey: 'relations', modelPlace: 'data' },
    });
    const { data } = await caller.json('exportFullLineageAsJson', { jobId });
    expect(data.relations.length).toBeGreaterThan(0);
    const [server] = data.dbobjs.servers;
    expect(server.databases[0].schemas.map(({ name }: Answer) => name)).toEqual(['s', 'DEFAULT']);
    expect(server.databases[0].schemas[0]).toMatchObject({
      tables: [{ name: 't' }],
      views: [{ name: 'v' }],
      others: [],
    });
  });

  it('may hold counts only, and warnings beside code 203', async () => {
    await start({ behaviour: { exportMode: 'summary', warnings: 'code203' } });
    const partial = await caller.finish({ 'a.sql': 'select a from t; select from' });
    const model = await caller.json('exportLineageAsJson', { jobId: partial });
    expect(model).toMatchObject({ code: 203, error: expect.stringContaining('a.sql(1,') });
    expect(model.data).toEqual({
      mode: 'summary',
      summary: expect.objectContaining({ relationship: 1 }),
    });
  });
});

describe('the CSV export', () => {
  const header =
    'source_db,source_schema,source_table,source_column,target_db,target_schema,target_table,target_column,relation_type,effect_type';

  it('goes from end to end, quoting what must be', async () => {
    await start();
    expect(await caller.text('exportFullLineageAsCsv', { jobId })).toBe(
      `${header}
DEFAULT,s,t,a,DEFAULT,s,v,a,fdd,create_view
DEFAULT,s,t,b,DEFAULT,s,v,"odd, ""name"" <&>",fdd,create_view
DEFAULT,s,v,a,DEFAULT,DEFAULT,o,a,fdd,insert
`,
    );
  });

  it('takes a delimiter, a tab too, and shows tables', async () => {
    await start();
    const csv = await caller.text('exportLineageAsCsv', {
      jobId,
      delimiter: '\t',
      tableToTable: 'true',
    });
    expect(csv).toBe(
      `${header.replaceAll(',', '\t')}
DEFAULT\ts\tt\t\tDEFAULT\ts\tv\t\tfdd\tcreate_view
DEFAULT\ts\tv\t\tDEFAULT\tDEFAULT\to\t\tfdd\tinsert
`,
    );
  });

  it('is JSON by its declared type, or CSV where the server is told to', async () => {
    await start();
    const declared = await caller.send('exportFullLineageAsCsv', { jobId });
    expect(declared.headers.get('content-type')).toContain('application/json');
    await sqlflow.close();
    await start({ behaviour: { exportContentType: 'own', csvStyle: 'quoted', unnamed: '' } });
    const own = await caller.send('exportFullLineageAsCsv', { jobId });
    expect(own.headers.get('content-type')).toContain('text/csv');
    const [first, second] = (await own.text()).split('\n');
    expect(first).toMatch(/,"effectType"$/);
    expect(second).toBe('"","s","t","a","","s","v","a","fdd","create_view"');
  });
});

describe('the GraphML export', () => {
  it("is well formed, with a node for each column inside its table's and edges between them", async () => {
    await start();
    const text = await caller.text('exportLineageAsGraphml', { jobId, ignoreRecordSet: 'true' });
    const root = parseXml(text);
    expect(root.name).toBe('graphml');
    const ids = new Set(root.all('node').map(({ attributes }) => attributes.id));
    const edges = root.all('edge').map(({ attributes }) => attributes);
    expect(edges).toHaveLength(3);
    for (const { source, target } of edges) {
      expect(ids).toContain(source);
      expect(ids).toContain(target);
    }
    expect(root.all('y:NodeLabel').map((label) => label.text)).toContain('odd, "name" <&>');
  });

  it('has a node a table with tableToTable', async () => {
    await start();
    const root = parseXml(
      await caller.text('exportLineageAsGraphml', { jobId, tableToTable: 'true' }),
    );
    expect(root.all('y:NodeLabel').map((label) => label.text)).toEqual(['s.t', 's.v', 'o']);
    expect(root.all('edge')).toHaveLength(2);
  });
});

describe('an export', () => {
  const endpoints = [
    'exportLineageAsJson',
    'exportFullLineageAsJson',
    'exportFullLineageAsCsv',
    'exportLineageAsCsv',
    'exportLineageAsGraphml',
  ];

  it.each(endpoints)(
    'of an unfinished, failed or unknown job is a JSON error in HTTP 200: %s',
    async (endpoint) => {
      await start();
      const failed = await caller.finish({ 'a.sql': 'select from' });
      const running = await caller.submit({ 'a.sql': '-- local: delay 5m\nselect 1' });
      for (const [id, words] of [
        [failed, 'a.sql'],
        [running, 'not finished'],
        ['nobody', 'does not exist'],
      ] as const) {
        const reply = await caller.send(endpoint, { jobId: id });
        expect(reply.status).toBe(200);
        expect(await reply.json()).toEqual({ code: 500, error: expect.stringContaining(words) });
      }
    },
  );

  it.each(endpoints)(
    "with an empty jobId is that of the user's latest job: %s",
    async (endpoint) => {
      await start();
      const latest = await caller.finish({ 'a.sql': 'insert into newest select a from t' });
      const text = await caller.text(endpoint, { jobId: '' });
      expect(text).toContain('newest');
      expect(text).toBe(await caller.text(endpoint, { jobId: latest }));
    },
  );
});
