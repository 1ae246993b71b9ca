import { setImmediate as pause } from 'node:timers/promises';
import { LineageBuilder } from './builder';
import { Catalog, type CatalogDefaults } from './catalog';
import { declareColumns, definedName } from './create';
import { dialectOf } from './dialects';
import { declaredTable, Executor } from './execute';
import type { Lineage } from './model';
import { pieces, type Piece } from './pieces';
import type { Polyglot } from './polyglot';
import { SourceText } from './source-text';
import { StatementReader, type Read, type Statement } from './statements';
import { Session } from './session';
import { child, identifier } from './tree';

export interface LineageInput extends CatalogDefaults {
  readonly dbVendor: string;
  readonly files: readonly { readonly name: string; read(): Promise<string> }[];
  /** Aborted when nobody wants the result any more. */
  readonly signal?: AbortSignal;
}

/** Longest time at a stretch before other work gets its turn, unless one statement takes longer. */
const stretchMs = 8;

interface Unit {
  readonly piece: Piece;
  /** Statements that were read already, because others need the columns they declare. */
  reads?: Read[];
}

/**
 * Finds the column lineage of a job's files: first what they declare, so that the order of files
 * doesn't matter, then what each statement does, in order.
 */
export async function analyze(input: LineageInput, polyglot: Polyglot): Promise<Lineage> {
  const vendor = dialectOf(input.dbVendor);
  const builder = new LineageBuilder();
  const catalog = new Catalog(builder, vendor, input);
  const session = new Session(polyglot, vendor, builder, catalog, SourceText.ofFile('', 0));
  const executor = new Executor(session);
  const breathe = breather(input.signal);
  const files: Unit[][] = [];
  for (const [index, file] of input.files.entries()) {
    const text = await file.read().catch((error: unknown) => error as Error);
    const source = SourceText.ofFile(typeof text === 'string' ? withoutMark(text) : '', index);
    if (typeof text !== 'string') {
      const errorMessage = `can't be read: ${text.message}`;
      builder.errors.push({ errorMessage, errorType: 'SyntaxHint', place: source.whole() });
    }
    const reader = new StatementReader(polyglot, vendor);
    const units: Unit[] = [];
    catalog.enterFile();
    for (const piece of pieces(source, vendor)) {
      const unit: Unit = { piece };
      units.push(unit);
      if (!/^(create|use|replace)\b/.test(piece.head)) continue;
      unit.reads = [...reader.read(piece)];
      for (const read of unit.reads) if ('statement' in read) declare(read, executor, session);
      await breathe();
    }
    files.push(units);
    await breathe();
  }
  for (const units of files) {
    const reader = new StatementReader(polyglot, vendor);
    catalog.enterFile();
    for (const unit of units) {
      if (unit.reads) reader.pass(unit.piece);
      for (const read of unit.reads ?? reader.read(unit.piece)) {
        if ('failure' in read) {
          const { message, place } = read.failure;
          builder.errors.push({ errorMessage: message, errorType: 'SyntaxHint', place });
          continue;
        }
        builder.statements += 1;
        run(read.statement, executor, builder);
        await breathe();
      }
      unit.reads = [];
    }
  }
  return builder.lineage();
}

/** Makes known what a `CREATE` declares, before anything reads from it. */
function declare(
  read: Extract<Read, { statement: unknown }>,
  executor: Executor,
  session: Session,
): void {
  const { tree, source } = read.statement;
  const { reader } = executor;
  session.within(source, false, () => {
    const defined = definedName(tree, reader);
    const table = declaredTable(tree);
    if (defined) session.catalog.defineLater(defined, () => executor.run(read.statement));
    else if (table && !table.temporary && !table.clone_source) declareColumns(table, reader);
    else if (tree.use) session.catalog.use(identifier(child(tree, 'use')?.this)?.text ?? '');
  });
}

/** One statement that the engine can't follow doesn't end the job; the model says so. */
function run(statement: Statement, executor: Executor, builder: LineageBuilder): void {
  try {
    executor.run(statement);
  } catch (error) {
    builder.errors.push({
      errorMessage: `can't be followed: ${(error as Error).message}`,
      errorType: 'SyntaxHint',
      place: statement.source.whole(),
    });
  }
}

/** Lets other work run whenever this has held the event loop for long enough. */
function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < stretchMs) return;
    await pause();
    signal?.throwIfAborted();
    since = performance.now();
  };
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
