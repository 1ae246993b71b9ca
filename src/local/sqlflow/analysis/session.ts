import type { ColumnRef, LineageBuilder } from './builder';
import type { Catalog } from './catalog';
import type { VendorDialect } from './dialects';
import type { Place, SourceText } from './source-text';
import type { Polyglot } from './polyglot';
import { Resolver, type Scope } from './scope';
import { identifier, type Tree, type TreeSpan } from './tree';

/** What every part of the engine works with while one job's files are read. */
export class Session {
  readonly #resolver: Resolver;
  #source: SourceText;
  #inBlock = false;

  constructor(
    readonly polyglot: Polyglot,
    readonly vendor: VendorDialect,
    readonly builder: LineageBuilder,
    readonly catalog: Catalog,
    first: SourceText,
  ) {
    this.#source = first;
    const orphan = (errorMessage: string, place: Place = this.#source.whole()) =>
      builder.errors.push({ errorMessage, errorType: 'LinkOrphanColumn', place });
    this.#resolver = new Resolver(builder, orphan, () => this.#inBlock);
  }

  /** The statement that is being read; a definition of another file may come in between. */
  get source(): SourceText {
    return this.#source;
  }

  /** `inBlock`: in a procedure, where a name may be a variable's. */
  within(source: SourceText, inBlock: boolean, work: () => void): void {
    const outer = [this.#source, this.#inBlock] as const;
    this.#source = source;
    this.#inBlock = inBlock;
    try {
      work();
    } finally {
      [this.#source, this.#inBlock] = outer;
    }
  }

  place(span: TreeSpan | undefined): Place | undefined {
    return span && this.#source.place(span.start, span.end);
  }

  placeOf(named: unknown): Place | undefined {
    return this.place(identifier(named)?.span);
  }

  resolve(scope: Scope, path: readonly string[], span?: TreeSpan): ColumnRef | undefined {
    return this.#resolver.resolve(scope, path, this.place(span));
  }

  /** An expression as text, for a column that has no name. */
  textOf(value: unknown): string {
    const generated = this.polyglot.generate([value], this.vendor.dialect);
    return (generated.sql?.[0] ?? 'expression').replace(/\s+/g, ' ').slice(0, 128);
  }

  isTransact(): boolean {
    return this.vendor.dialect === 'tsql';
  }
}

/** The part of a table's tree that names it. */
export function tableTree(value: unknown): Tree | undefined {
  const tree = value as Tree | null | undefined;
  if (typeof tree !== 'object' || tree === null) return undefined;
  if ('table' in tree && Object.keys(tree).length === 1) return tableTree(tree.table);
  return 'name' in tree ? tree : undefined;
}
