import { find } from './found-lineage';

describe('queries', () => {
  it('follows columns through CTEs, renames and expressions', async () => {
    const { edges } = await find(
      'dbvmysql',
      `create table out1 as
       with c as (select a, b + 1 as bb from t1), d as (select a as x, bb from c)
       select d.x, concat(d.bb, e.z) as mixed from d join e on d.x = e.k`,
    );
    expect(edges()).toEqual(['e.z -> out1.mixed', 't1.a -> out1.x', 't1.b -> out1.mixed']);
  });

  it('takes a CTE for itself inside a recursive query', async () => {
    const { edges, errors } = await find(
      'dbvpostgresql',
      `with recursive c(i, j) as (
         select p, q from base union all select c.i, e.j from c join e on e.i = c.i
       ) insert into o (a, b) select * from c`,
    );
    expect(edges()).toEqual(['base.p -> o.a', 'base.q -> o.b', 'e.j -> o.b']);
    expect(errors).toEqual([]);
  });

  it("takes a CTE of a table's own name for something else than the table", async () => {
    const { edges } = await find(
      'dbvsnowflake',
      'insert into o select a from (with t as (select x as a from t) select a from t)',
    );
    expect(edges()).toEqual(['t.x -> o.a']);
  });

  it('matches the branches of a union by position', async () => {
    const { edges } = await find(
      'dbvoracle',
      'insert into o (k, v) select a, b from t1 union all select c, d from t2 union select e, f from t3',
    );
    expect(edges()).toEqual([
      't1.a -> o.k',
      't1.b -> o.v',
      't2.c -> o.k',
      't2.d -> o.v',
      't3.e -> o.k',
      't3.f -> o.v',
    ]);
  });

  it('lets the right side of EXCEPT only decide which rows there are', async () => {
    const { edges } = await find(
      'dbvpostgresql',
      'insert into o (k) select a from t1 except select b from t2',
    );
    expect(edges()).toEqual(['t1.a -> o.k']);
    expect(edges('fdr')).toEqual(['t2.b -fdr-> o.RelationRows']);
  });

  it('shows filters, join conditions and groups as indirect, those of sub-queries too', async () => {
    const { edges } = await find(
      'dbvpostgresql',
      `insert into o (k) select t.a from t join u on t.i = u.i
       where t.b in (select c from w where w.d = t.e) and exists (select 1 from x where x.f = u.g)
       group by t.h`,
    );
    expect(edges()).toEqual(['t.a -> o.k']);
    expect(edges('fdr')).toEqual(
      ['t.b', 't.e', 't.h', 't.i', 'u.g', 'u.i', 'w.c', 'w.d', 'x.f']
        .map((column) => `${column} -fdr-> o.RelationRows`)
        .sort(),
    );
    expect(edges('join')).toEqual(['u.i -join-> t.i']);
  });

  it('takes scalar sub-queries for values and conditions for influence', async () => {
    const { edges } = await find(
      'dbvmssql',
      `insert into o (m, c, w) select (select max(q) from s where s.i = t.i),
         case when t.a = 1 then t.b else t.c end,
         sum(t.d) over (partition by t.e) from t`,
    );
    expect(edges()).toEqual(['s.q -> o.m', 't.b -> o.c', 't.c -> o.c', 't.d -> o.w']);
    expect(edges('fdr')).toEqual([
      's.i -fdr-> o.m',
      't.a -fdr-> o.c',
      't.e -fdr-> o.w',
      't.i -fdr-> o.m',
    ]);
  });

  it('takes COUNT for indirect unless asked otherwise, and COUNT(*) for the rows', async () => {
    const { edges } = await find(
      'dbvhive',
      'insert into o select count(*) as n, count(a) as c from t',
    );
    expect(edges('fdd,fdr,frd')).toEqual(['t.RelationRows -frd-> o.n', 't.a -fdr-> o.c']);
    expect(edges('fdd', { treatArgumentsInCountFunctionAsDirectDataflow: true })).toEqual([
      't.a -> o.c',
    ]);
  });

  it('resolves an unqualified column by the DDL of the job, in whatever file it is', async () => {
    const { edges, errors } = await find('dbvpostgresql', [
      'insert into o (x, y) select a, b from t1, t2',
      'create table t1 (i int, b int); create table t2 (i int, a int)',
    ]);
    expect(edges()).toEqual(['t1.b -> o.y', 't2.a -> o.x']);
    expect(errors).toEqual([]);
  });

  it('links an unqualified column that nobody declares to the first table, and says so', async () => {
    const { edges, errors } = await find(
      'dbvpostgresql',
      '\ninsert into o (x) select a from t1, t2',
    );
    expect(edges()).toEqual(['t1.a -> o.x']);
    expect(errors).toEqual(['LinkOrphanColumn 0:2 column a may belong to any of t1, t2']);
  });

  it('lets an inner query see the tables of the outer one', async () => {
    const { edges, errors } = await find('dbvpostgresql', [
      'create table a (id int, p int); create table b (bid int, q int)',
      'insert into o (k) select id from a where exists (select 1 from b where bid = id and q = p)',
    ]);
    expect(edges('fdr')).toEqual(
      ['a.id', 'a.p', 'b.bid', 'b.q'].map((column) => `${column} -fdr-> o.RelationRows`),
    );
    expect(errors).toEqual([]);
  });

  it('merges the columns of USING', async () => {
    const { edges, lineage } = await find('dbvpostgresql', [
      'create table a (id int, p int); create table b (id int, q int)',
      'create view v as select * from a join b using (id)',
    ]);
    expect(edges()).toEqual(['a.id -> v.id', 'a.p -> v.p', 'b.q -> v.q']);
    expect(lineage.errors).toEqual([]);
  });

  it('makes the columns of UNNEST, LATERAL VIEW and FLATTEN of their arguments', async () => {
    const hive = await find(
      'dbvhive',
      'insert into o select s.k, e.item from s lateral view explode(s.arr) e as item',
    );
    expect(hive.edges()).toEqual(['s.arr -> o.item', 's.k -> o.k']);
    const bigquery = await find(
      'dbvbigquery',
      'insert into o (el) select el from `p.d.s`, unnest(arr) as el',
    );
    expect(bigquery.edges()).toEqual(['p.d.s.arr -> o.el']);
    const snowflake = await find(
      'dbvsnowflake',
      'insert into o (n) select f.value:name::string from t, lateral flatten(input => t.arr) f',
    );
    expect(snowflake.edges()).toEqual(['t.arr -> o.n']);
  });

  it('turns rows to columns and back in PIVOT and UNPIVOT', async () => {
    const { edges } = await find('dbvoracle', [
      'create table t (k int, a int, b int)',
      'insert into o select * from t pivot (sum(a) for b in (1 as x, 2 as y))',
    ]);
    expect(edges()).toEqual(['t.a -> o.x', 't.a -> o.y', 't.k -> o.k']);
    const back = await find('dbvmssql', [
      'create table t (k int, a int, b int)',
      'insert into o select * from t unpivot (val for nm in (a, b)) u',
    ]);
    expect(back.edges()).toEqual(['t.a -> o.val', 't.b -> o.val', 't.k -> o.k']);
  });

  it('keeps a query that nobody reads as an end of its own', async () => {
    const { edges } = await find('dbvsparksql', 'select upper(a) as x from t');
    expect(edges()).toEqual(['t.a -> RS-1.x']);
  });

  it('says where a column is used, counting letters outside the basic plane once', async () => {
    const { lineage } = await find('dbvpostgresql', "select '😀', abc\n  from t");
    const [relation] = lineage.relations;
    expect(relation?.sources[0]?.place).toEqual({
      file: 0,
      line: 1,
      column: 14,
      endLine: 1,
      endColumn: 17,
    });
  });
});
