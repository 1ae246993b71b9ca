import fc from 'fast-check';

/** Lineage before anybody has written it down. */
export interface Abstract {
  readonly statements: readonly Statement[];
}

interface Statement {
  readonly target: Column;
  readonly sources: readonly Column[];
  /** Result sets between; 0 for none. */
  readonly between: number;
  readonly kind: 'fdd' | 'frd' | 'fdr' | 'join';
}

type Column = readonly [table: string, column: string];

const column: fc.Arbitrary<Column> = fc.tuple(
  fc.constantFrom('sales.orders', 'sales.items', 'mart.daily', 'plain', 'a.b.c', '表.データ'),
  fc.constantFrom('id', 'amount', 'day', 'relationrows', 'größe'),
);

export const abstracts: fc.Arbitrary<Abstract> = fc.record({
  statements: fc.array(
    fc.record({
      target: column,
      sources: fc.array(column, { minLength: 1, maxLength: 3 }),
      between: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom('fdd', 'frd', 'fdr', 'join'),
    }),
    { maxLength: 8 },
  ),
});

/** What must be read, whatever it was written like. */
export function expectedEdges({ statements }: Abstract): string[] {
  const edges = statements.flatMap(({ kind, sources, target }) =>
    sources.map((source) => `${kind} ${source.join('.')} -> ${target.join('.')}`),
  );
  return [...new Set(edges.map((edge) => edge.replaceAll('ß', 'ss')))].sort();
}

/** How a server happens to write: ids, order, case, place, quotes, tree or list. */
export interface Style {
  readonly seed: number;
  readonly tree: boolean;
  readonly key: 'relationships' | 'relations';
  readonly inside: boolean;
  readonly unnamed: 'DEFAULT' | '' | 'default';
  readonly objectsFirst: boolean;
  readonly withIds: boolean;
}

export const styles: fc.Arbitrary<Style> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  tree: fc.boolean(),
  key: fc.constantFrom('relationships', 'relations'),
  inside: fc.boolean(),
  unnamed: fc.constantFrom('DEFAULT', '', 'default'),
  objectsFirst: fc.boolean(),
  withIds: fc.boolean(),
});

export function written({ statements }: Abstract, style: Style): string {
  const random = randomOf(style.seed);
  const ids = new Map<string, string>();
  const idOf = (name: string) => {
    if (!ids.has(name)) ids.set(name, String(1000 * ids.size + Math.floor(random() * 999)));
    return style.withIds ? ids.get(name) : undefined;
  };
  const spelled = (name: string) =>
    [...name].map((letter) => (random() < 0.3 ? letter.toUpperCase() : letter)).join('');
  const quoted = (name: string) => {
    const parts = spelled(name).split('.');
    if (random() < 0.2) return parts.map((part) => `"${part}"`).join('.');
    return parts.length < 3 && random() < 0.2
      ? [style.unnamed, ...parts].join('.')
      : parts.join('.');
  };
  const end = ([table, name]: Column, isBetween = false) => ({
    id: idOf(`${table}.${name}`),
    column: spelled(name),
    parentId: idOf(table),
    parentName: isBetween ? table : quoted(table),
    coordinates: [{ hashCode: '0', x: 1 + Math.floor(random() * 99), y: 1 }],
  });
  const relations: unknown[] = [];
  let sets = 0;
  for (const { kind, sources, target, between } of statements) {
    // The path's kind is one step's; the others are direct.
    const weak = Math.floor(random() * (between + 1));
    let from: { ends: readonly Column[]; isBetween: boolean } = { ends: sources, isBetween: false };
    for (let step = 0; step <= between; step += 1) {
      const isLast = step === between;
      const to: Column = isLast ? target : [`RS-${(sets += 1)}`, target[1]];
      // A comparison is made at the end; what leads to it are values.
      const type = kind === 'join' ? (isLast ? 'join' : 'fdd') : step === weak ? kind : 'fdd';
      relations.push({
        id: String(relations.length),
        type: spelled(type),
        effectType: isLast ? 'insert' : 'select',
        target: end(to, !isLast),
        sources: shuffled(from.ends, random).map((one) => end(one, from.isBetween)),
      });
      from = { ends: [to], isBetween: true };
    }
  }
  const dbobjs = objects(statements, style, { idOf, spelled, random });
  const lists = [
    ['dbvendor', 'dbvhive'],
    [style.key, shuffled(relations, random)],
    ['dbobjs', dbobjs],
  ] as const;
  const model = Object.fromEntries(style.objectsFirst ? [...lists].reverse() : lists);
  return JSON.stringify({ code: 200, data: style.inside ? { sqlflow: model } : model });
}

function objects(
  statements: readonly Statement[],
  { tree, unnamed }: Style,
  tools: {
    idOf: (name: string) => string | undefined;
    spelled: (name: string) => string;
    random: () => number;
  },
): unknown {
  const { idOf, spelled, random } = tools;
  const columns = new Map<string, Set<string>>();
  for (const [table, name] of statements.flatMap(({ target, sources }) => [target, ...sources])) {
    columns.set(table, (columns.get(table) ?? new Set()).add(name));
  }
  const object = (table: string, name: string) => ({
    id: idOf(table),
    name: spelled(name),
    type: 'table',
    columns: shuffled([...(columns.get(table) ?? [])], random).map((column) => ({
      id: idOf(`${table}.${column}`),
      name: spelled(column),
    })),
  });
  const tables = shuffled([...columns.keys()], random);
  if (!tree) return tables.map((table) => object(table, table));
  return {
    servers: [
      {
        name: unnamed,
        databases: tables.map((table) => {
          const parts = table.split('.');
          const name = parts.pop() ?? '';
          const [schema = unnamed, database = unnamed] = parts.reverse();
          const schemas = [{ tables: [object(table, name)], name: spelled(schema) }];
          return { schemas, name: spelled(database) };
        }),
      },
    ],
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let index = all.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [all[index], all[other]] = [all[other] as T, all[index] as T];
  }
  return all;
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
