import { find } from './found-lineage';

describe('files that are hard to read', () => {
  it("goes on after a statement that can't be parsed", async () => {
    const { edges, errors, lineage } = await find('dbvpostgresql', [
      'insert into o1 select a from t1;\nselect from where and;\ninsert into o2 select b from t2;',
      'insert into o3 select c from t3',
    ]);
    expect(edges()).toEqual(['t1.a -> o1.a', 't2.b -> o2.b', 't3.c -> o3.c']);
    expect(errors).toEqual([expect.stringMatching(/^SyntaxHint 0:2 /)]);
    expect(lineage.statements).toBe(3);
  });

  it('takes a misspelt keyword for an error, though the parser reads it as a value', async () => {
    const { errors } = await find('dbvpostgresql', 'selec x;');
    expect(errors).toEqual(['SyntaxHint 0:1 no statement begins with selec']);
  });

  it("isn't misled by semicolons in strings, names and comments", async () => {
    const { edges, errors } = await find(
      'dbvpostgresql',
      `insert into o (k) select ';' || "a;b" /* ; */ from t -- ; insert\n; -- end`,
    );
    expect(edges()).toEqual(['t.a;b -> o.k']);
    expect(errors).toEqual([]);
  });

  it('reads Transact-SQL without semicolons, in procedures and batches', async () => {
    const { edges, errors } = await find(
      'dbvmssql',
      `create procedure dbo.p @a int
as
begin
  set nocount on
  if @a = 1
  begin
    insert into dbo.t (a)
    select b from dbo.u where c = @a
  end
  else
    update dbo.t set a = s.z from dbo.s s where s.i = dbo.t.i
  ;with c as (
    select a from q
  )
  merge into dbo.m as tgt
  using c on c.a = tgt.a
  when matched then
    update set tgt.b = c.a
  when not matched then
    insert (a)
    values (c.a);
  exec dbo.other @a
end
GO
create view dbo.v as
select top 10 [my col] as [Other Col], y = x.z from [dbo].[my table] x with (nolock)
GO`,
    );
    expect(edges()).toEqual([
      'dbo.my table.my col -> dbo.v.Other Col',
      'dbo.my table.z -> dbo.v.y',
      'dbo.s.z -> dbo.t.a',
      'dbo.u.b -> dbo.t.a',
      'q.a -> dbo.m.a',
      'q.a -> dbo.m.b',
    ]);
    expect(errors).toEqual([]);
  });

  it('finds a broken statement among Transact-SQL without semicolons', async () => {
    const { edges, errors } = await find(
      'dbvmssql',
      'insert into o select a from t\nselect from from\ninsert into p select b from u',
    );
    expect(edges()).toEqual(['t.a -> o.a', 'u.b -> p.b']);
    expect(errors).toEqual([expect.stringMatching(/^SyntaxHint 0:2 /)]);
  });

  it('reads PL/SQL blocks: variables, loops, conditions, exceptions', async () => {
    const { edges, errors } = await find(
      'dbvoracle',
      `create or replace procedure p(a in number) is
  v number;
begin
  v := 1;
  insert into t (a) select b from u;
  select max(q) into v from z;
  for r in (select 1 from dual) loop
    insert into l (x) select y from m where k = r.id;
  end loop;
  if v > 1 then
    update t set a = (select n from o where o.i = t.i) where r.b = v;
  end if;
  commit;
exception
  when others then
    rollback;
    raise;
end;
/
create table plain as select c from d;`,
    );
    expect(edges()).toEqual([
      'd.c -> plain.c',
      'm.y -> l.x',
      'o.n -> t.a',
      'u.b -> t.a',
      'z.q -> RS-1.MAX(q)',
    ]);
    expect(errors).toEqual([]);
  });

  it.each(['//', '$$'])('reads MySQL procedures with DELIMITER %s', async (delimiter) => {
    const { edges, errors } = await find(
      'dbvmysql',
      `delimiter ${delimiter}
create procedure p()
begin
  declare done int default 0;
  insert into t select a from b;
end${delimiter}
delimiter ;
insert into x select c from d;`,
    );
    expect(edges()).toEqual(['b.a -> t.a', 'd.c -> x.c']);
    expect(errors).toEqual([]);
  });

  it('reads the body of a PostgreSQL function', async () => {
    const { edges, errors } = await find(
      'dbvpostgresql',
      `create or replace function f() returns void as $body$
declare v int;
begin
  select count(*) into v from x;
  insert into fx (a) select a from fu;
end;
$body$ language plpgsql;`,
    );
    expect(edges()).toEqual(['fu.a -> fx.a']);
    expect(errors).toEqual([]);
  });

  it("reads PostgreSQL's DO, and what a function returns", async () => {
    const { edges, errors } = await find('dbvpostgresql', [
      'do $$ begin if true then insert into o select a from t; end if; end $$;',
      'create function f() returns table (x int) as $$ begin return query select q from p; end; $$ language plpgsql;',
    ]);
    expect(edges()).toEqual(['p.q -> RS-1.q', 't.a -> o.a']);
    expect(errors).toEqual([]);
  });

  it('reads the change after a condition of Transact-SQL in the same line', async () => {
    const { edges, errors } = await find(
      'dbvmssql',
      'if exists (select 1 from x) insert into o select a from t\nif @a = 1 update o set b = t.c from t',
    );
    expect(edges()).toEqual(['t.a -> o.a', 't.c -> o.b']);
    expect(errors).toEqual([]);
  });

  it("doesn't excuse an error before a procedure, or after the batch that held it", async () => {
    const { errors } = await find(
      'dbvoracle',
      'oops one;\ncreate procedure p is begin insert into t select a from b; end;\n/\noops two three four;',
    );
    expect(errors).toEqual([
      expect.stringMatching(/^SyntaxHint 0:1 /),
      expect.stringMatching(/^SyntaxHint 0:4 /),
    ]);
  });

  it('passes over client commands and administration', async () => {
    const hive = await find(
      'dbvhive',
      "set hive.exec.dynamic.partition=true;\nadd jar x.jar;\nmsck repair table t;\ninsert into o select a from t where dt = '${dt}';",
    );
    expect(hive.errors).toEqual([]);
    const teradata = await find(
      'dbvteradata',
      '.LOGON x/y,z;\ndatabase dw;\ninsert into t select a from s qualify row_number() over (partition by a order by c) = 1;\ncollect stats column(a) on t;\n.QUIT',
    );
    expect(teradata.errors).toEqual([]);
    expect(teradata.edges()).toEqual(['dw.s.a -> dw.t.a']);
  });

  it('survives nesting that no parser takes', async () => {
    const { errors, edges } = await find('dbvpostgresql', [
      `select ${'('.repeat(5000)}1${')'.repeat(5000)}`,
      'insert into o select a from t',
    ]);
    expect(errors).toEqual([expect.stringMatching(/^SyntaxHint 0:1 .*DEPTH/)]);
    expect(edges()).toEqual(['t.a -> o.a']);
  });

  it('survives views that define each other', async () => {
    const { edges } = await find('dbvpostgresql', [
      'create view a as select * from b; create view b as select * from a',
    ]);
    expect(edges()).toEqual(['a.* -> b.*', 'b.* -> a.*']);
  });

  it('reads on through a chain of a thousand views', async () => {
    const views = Array.from(
      { length: 1000 },
      (_, index) => `create view v${999 - index} as select * from v${1000 - index}`,
    );
    const { edges } = await find('dbvpostgresql', [...views, 'create table v1000 (k int)']);
    expect(edges().filter((edge) => edge.startsWith('v1000.'))).toContain('v1000.k -> v999.k');
  });

  it('reads an unknown vendor as generic SQL', async () => {
    const { edges } = await find('dbvsomething', 'insert into o select a from t');
    expect(edges()).toEqual(['t.a -> o.a']);
  });

  const vendors =
    'azuresql bigquery couchbase db2 greenplum hana hive impala informix mdx mysql netezza openedge oracle postgresql redshift snowflake mssql sparksql sybase teradata vertica athena databricks gaussdb presto';
  it.each(vendors.split(' '))('knows the vendor %s', async (vendor) => {
    const { edges, errors } = await find(`dbv${vendor}`, 'insert into o select a, b from t');
    expect(edges()).toEqual(['t.a -> o.a', 't.b -> o.b']);
    expect(errors).toEqual([]);
  });
});
