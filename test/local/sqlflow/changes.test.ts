import { find } from './found-lineage';

describe('statements that write', () => {
  it("INSERT without a column list goes by the DDL, and by the query's names without any", async () => {
    const declared = await find('dbvpostgresql', [
      'insert into o select a, b from t',
      'create table o (x int, y int)',
    ]);
    expect(declared.edges()).toEqual(['t.a -> o.x', 't.b -> o.y']);
    const bare = await find('dbvpostgresql', 'insert into o select a, b as c from t');
    expect(bare.edges()).toEqual(['t.a -> o.a', 't.b -> o.c']);
  });

  it('expands a star where the DDL is among the files, through views of views in any order', async () => {
    const { edges } = await find('dbvpostgresql', [
      'create view v2 as select * from v1',
      'create view v1 as select a, b as c from base where z = 1',
      'insert into final select * from v2',
      'create table base (a int, b int, z int)',
    ]);
    expect(edges()).toEqual([
      'base.a -> v1.a',
      'base.b -> v1.c',
      'v1.a -> v2.a',
      'v1.c -> v2.c',
      'v2.a -> final.a',
      'v2.c -> final.c',
    ]);
  });

  it("knows the columns of Hive's PARTITIONED BY", async () => {
    const { edges, errors } = await find('dbvhive', [
      'create table l (a int) partitioned by (dt string)',
      'insert into m (a, dt) select l.a, l.dt from l',
    ]);
    expect(edges()).toEqual(['l.a -> m.a', 'l.dt -> m.dt']);
    expect(errors).toEqual([]);
  });

  it('keeps a star a star without DDL, and finds columns through it that are named later', async () => {
    const { edges } = await find('dbvhive', [
      'create table mid as select * from src',
      'insert into o (k) select a from mid',
    ]);
    expect(edges()).toEqual(['mid.a -> o.k', 'src.* -> mid.*', 'src.a -> mid.a']);
  });

  it('leaves out what EXCEPT takes from a star', async () => {
    const { edges } = await find('dbvbigquery', [
      'create table d.t (a int64, b int64, c int64)',
      'create table d.o as select * except (b) from d.t',
    ]);
    expect(edges()).toEqual(['d.t.a -> d.o.a', 'd.t.c -> d.o.c']);
  });

  it('names the columns of a view by its list', async () => {
    const { edges } = await find(
      'dbvoracle',
      'create view v (c1, c2) as select a, b from t with check option',
    );
    expect(edges()).toEqual(['t.a -> v.c1', 't.b -> v.c2']);
  });

  it('follows MERGE with update, insert and a sub-query', async () => {
    const { edges } = await find(
      'dbvsnowflake',
      `merge into tgt t using (select id, x as y, d from src) s on t.id = s.id
       when matched and s.d = 1 then update set a = s.y
       when not matched then insert (id, a) values (s.id, s.y)`,
    );
    expect(edges()).toEqual(['src.id -> tgt.id', 'src.x -> tgt.a']);
    expect(edges('fdr')).toEqual([
      'src.d -fdr-> tgt.RelationRows',
      'src.id -fdr-> tgt.RelationRows',
      'tgt.id -fdr-> tgt.RelationRows',
    ]);
  });

  it("reads Oracle's MERGE with DELETE WHERE", async () => {
    const { edges, errors } = await find(
      'dbvoracle',
      `merge into tgt t using src s on (t.id = s.id)
       when matched then update set t.a = s.x delete where t.z = 1
       when not matched then insert (t.id, t.a) values (s.id, s.x);`,
    );
    expect(edges()).toEqual(['src.id -> tgt.id', 'src.x -> tgt.a']);
    expect(errors).toEqual([]);
  });

  it('pairs columns by name in MERGE … UPDATE SET *', async () => {
    const { edges } = await find('dbvdatabricks', [
      'create table s (id int, v int)',
      'merge into t using s on t.id = s.id when matched then update set * when not matched then insert *',
    ]);
    expect(edges()).toEqual(['s.id -> t.id', 's.v -> t.v']);
  });

  it.each([
    ['dbvmssql', 'update t set a = s.x from tgt t join src s on t.id = s.id'],
    ['dbvpostgresql', 'update tgt as t set a = s.x from src s where t.id = s.id'],
    ['dbvmysql', 'update tgt t join src s on t.id = s.id set t.a = s.x'],
    ['dbvmysql', 'update tgt t, src s set t.a = s.x where t.id = s.id'],
    ['dbvteradata', 'update tgt from src s set a = s.x where tgt.id = s.id'],
  ])('follows UPDATE from another table: %s', async (vendor, sql) => {
    const { edges } = await find(vendor, sql);
    expect(edges()).toEqual(['src.x -> tgt.a']);
    expect(edges('fdr')).toEqual([
      'src.id -fdr-> tgt.RelationRows',
      'tgt.id -fdr-> tgt.RelationRows',
    ]);
  });

  it('takes a sub-query in SET for the value', async () => {
    const { edges } = await find(
      'dbvoracle',
      'update t set a = (select max(x) from s where s.i = t.i), b = b + 1',
    );
    expect(edges()).toEqual(['s.x -> t.a', 't.b -> t.b']);
  });

  it('follows what ON CONFLICT takes from the row that was refused', async () => {
    const { edges } = await find(
      'dbvpostgresql',
      'insert into t (a, c) select b, d from u on conflict (a) do update set c = excluded.c, n = t.n + 1',
    );
    expect(edges()).toEqual(['t.n -> t.n', 'u.b -> t.a', 'u.d -> t.c']);
  });

  it('keeps a temporary table to its file', async () => {
    const { edges } = await find('dbvmssql', [
      'select a into #tmp from t1\ninsert into o1 select * from #tmp',
      'select b into #tmp from t2\ninsert into o2 select * from #tmp',
    ]);
    expect(edges()).toEqual([
      '#tmp.a -> o1.a',
      '#tmp.b -> o2.b',
      't1.a -> #tmp.a',
      't2.b -> #tmp.b',
    ]);
    const postgres = await find('dbvpostgresql', [
      'create temp table q as select a from t1; insert into o1 select * from q',
      'insert into o2 select * from q',
    ]);
    expect(postgres.edges()).toEqual(['q.* -> o2.*', 'q.a -> o1.a', 't1.a -> q.a']);
  });

  it("writes to several tables in INSERT ALL and in Hive's FROM … INSERT", async () => {
    const oracle = await find(
      'dbvoracle',
      'insert all into a (x) values (p) into b (y, z) values (q, r) select p, q, r from src',
    );
    expect(oracle.edges()).toEqual(['src.p -> a.x', 'src.q -> b.y', 'src.r -> b.z']);
    const hive = await find(
      'dbvhive',
      'from src s insert into table a select x where y = 1 insert overwrite table b select s.z',
    );
    expect(hive.edges()).toEqual(['src.x -> a.x', 'src.z -> b.z']);
  });

  it('puts dynamic partition columns last and leaves out static ones', async () => {
    const { edges } = await find('dbvhive', [
      'create table d.t (x string, y string) partitioned by (dt string, hr string)',
      "insert overwrite table d.t partition (dt = '2020-01-01', hr) select a, b, h from s",
    ]);
    expect(edges()).toEqual(['s.a -> d.t.x', 's.b -> d.t.y', 's.h -> d.t.hr']);
  });

  it('finds no lineage in constants', async () => {
    const { edges, lineage } = await find(
      'dbvmysql',
      "insert into t values (1, 'x'); update t set a = 2",
    );
    expect(edges('fdd,fdr,frd,join')).toEqual([]);
    expect(lineage.statements).toBe(2);
  });

  it('fills in the default database and schema, and those of USE', async () => {
    const { edges } = await find('dbvpostgresql', 'insert into o (k) select a from s2.t', {
      database: 'dw',
      schema: 'public',
    });
    expect(edges()).toEqual(['dw.s2.t.a -> dw.public.o.k']);
    const hive = await find('dbvhive', [
      'use dw; insert into o (k) select a from raw.t',
      'select b from o',
    ]);
    expect(hive.edges()).toEqual(['o.b -> RS-1.b', 'raw.t.a -> dw.o.k']);
  });

  it('takes the one level that Hive and MySQL have for the database', async () => {
    const { lineage } = await find('dbvmysql', 'insert into dw.o (k) select a from raw.t');
    expect(lineage.objects.filter(({ kind }) => kind === 'table')).toEqual([
      expect.objectContaining({ database: 'dw', name: 'o' }),
      expect.objectContaining({ database: 'raw', name: 't' }),
    ]);
  });
});
