import * as polyglot from '@polyglot-sql/sdk';
import { find } from './found-lineage';

/** Queries whose base columns the parser's own analysis finds too. */
const queries = [
  'select a.x, b.y from a join b on a.i = b.i',
  'select x + y as s, upper(z) as u from t',
  'with c as (select i, sum(v) as total from t group by i) select c.i, c.total, d.n from c join d on d.i = c.i',
  'select s.k from (select k from t1 union all select m from t2) s',
  'select o.id, (select max(p.v) from p where p.id = o.id) as mv from o',
  `with ss as (select s.item, sum(s.price) as total from sales s join dates d on s.day = d.day
     where d.month = 1 group by s.item),
   cs as (select c.item, sum(c.price) as total from catalog c group by c.item)
   select u.item, sum(u.total) as grand from
     (select * from ss union all select * from cs) u group by u.item order by grand`,
  `select w.warehouse, case when i.day < 10 then i.quantity else 0 end as before_day
   from inventory i left join warehouses w on w.id = i.warehouse_id`,
  `select rank() over (partition by t.k order by t.v desc) as r, t.k, lag(t.v) over (order by t.d) as p from t`,
];

beforeAll(() => polyglot.init());

describe('the base columns of a query', () => {
  it.each(queries)("are those that the parser's analysis names: %s", async (query) => {
    const { lineage, edges } = await find('dbvpostgresql', query);
    const analysis = polyglot.analyzeQuery(query, 'postgresql').analysis!;
    const baseTables = analysis.baseTables.map(({ table }) => table);
    const expected = analysis.projections.flatMap(({ name, upstream }) =>
      upstream.flatMap(({ table, column }) =>
        baseTables.includes(table) ? [`${table}.${column} ${name}`] : [],
      ),
    );
    const found = edges('fdd,fdr').flatMap((edge) => {
      const [, from, to] = /^(\S+) -.*-?> RS-\d+\.(\S+)$/.exec(edge) ?? [];
      return from && to !== 'RelationRows' ? [`${from} ${to}`] : [];
    });
    expect(found).toEqual(expect.arrayContaining(expected));
    const tables = lineage.objects.filter(({ kind }) => kind !== 'resultset');
    expect(tables.map(({ name }) => name).sort()).toEqual([...new Set(baseTables)].sort());
  });
});
