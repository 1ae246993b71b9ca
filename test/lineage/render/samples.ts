import type { Lineage } from '../../../src/lineage/model';
import { exported, read, relation } from '../support';

/** Five tables, three layers, each kind of edge. */
export const small = (): Promise<Lineage> => read(exported([...smallRelations]));

const smallRelations = [
  relation('fdd', ['ods.orders.amount', 'ods.rates.rate'], 'dw.sales.amount'),
  relation('fdd', ['ods.orders.id'], 'dw.sales.id'),
  relation('join', ['ods.orders.currency'], 'ods.rates.currency'),
  relation('fdr', ['ods.orders.status'], 'dw.sales.relationrows'),
  relation('fdd', ['dw.sales.amount'], 'mart.daily.total'),
  relation('frd', ['dw.sales.relationrows'], 'mart.daily.orders'),
  relation('fdd', ['ods.people.email'], 'mart.mails.email'),
];

/** The same, with one edge and one column gone, and a table and its edge come. */
export const changed = (): Promise<Lineage> =>
  read(
    exported([
      ...smallRelations.filter(({ type }) => type !== 'frd'),
      relation('fdd', ['dw.sales.amount'], 'mart.yearly.total'),
    ]),
  );

/** `tables` of 25 columns each, in layers, with about `edges` edges. */
export function large(tables: number, edges: number): Promise<Lineage> {
  const perTable = Math.ceil(edges / (tables * 0.9));
  const relations = Array.from({ length: tables }, (_, table) => {
    if (table < tables / 10) return [];
    return Array.from({ length: perTable }, (__, edge) => {
      const from = (table * 7 + (edge % 3) * 13) % Math.max(1, table - Math.floor(tables / 20));
      return relation('fdd', [`s.t${from}.c${edge % 25}`], `s.t${table}.c${(edge * 3) % 25}`);
    });
  });
  return read(exported(relations.flat()));
}

/** Names that want to be something else. */
export const hostileNames = [
  '</script><script>document.title="owned"</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '<!--<script>',
  '&lt;b&gt;',
  '\u202egnp.exe',
  '${alert(1)}',
  'a\u0000b\u2028c',
  ']]><svg onload=alert(1)>',
];

export function hostile(): Promise<Lineage> {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  return read(
    exported(
      hostileNames.map((name) => ({
        type: 'fdd',
        effectType: name,
        target: { column: quoted(name), parentName: `x.${quoted(name)}`, coordinates: [] },
        sources: [{ column: quoted(name), parentName: `y.${quoted(name)}`, coordinates: [] }],
      })),
    ),
  );
}
