import { createHash } from 'node:crypto';
import type { ArtifactRef } from '../contracts/artifact';
import type { PageEncoding } from './page-encoding';
import { PageParts } from './page-parts';
import { PartWriter } from './part-writer';
import type { ArtifactStore } from './store';
import type { PageRows } from './table';
import { untilAborted } from './until-aborted';

/** Rows of one page. */
export interface Page {
  readonly rows: PageRows;
  readonly isLast: boolean;
}

/** Something that comes page by page, and can be asked for from any page on. */
export interface PageSource<SourcePage extends Page> {
  /** What tells it from another source, or from itself after a change. */
  readonly identity: string;
  /** Pages count from 0. */
  pages(fromPage: number): AsyncIterable<SourcePage>;
}

/** What pages become. */
export interface PagesGoal<Kind extends string = string> {
  readonly key: string;
  /** What the caller must know of the artifact after a crash, too. */
  readonly kind: Kind;
  readonly encoding: PageEncoding;
  /** Tables only. */
  readonly columns?: readonly string[];
  /** What else pages must agree in to become one artifact: how many rows each has. */
  readonly layout?: string;
}

export interface PagesTarget<SourcePage extends Page, Kind extends string> {
  /** Parts are kept under `<partsKey>.parts/` meanwhile. */
  readonly partsKey: string;
  /** Decided by the first page that is seen, which after a crash isn't the first of all. */
  readonly goalOf: (page: SourcePage) => PagesGoal<Kind>;
  /** Rows so far, those of earlier attempts included. */
  readonly onRows?: (rows: number) => void;
}

export interface StoredPages<Kind extends string> {
  readonly ref: ArtifactRef;
  /** As the goal has it. */
  readonly kind: Kind;
  /** True where parts were kept, so that a note of them still lies in the store. */
  readonly inParts: boolean;
}

/**
 * Streams pages into one artifact, whole or not at all, at a part's worth of memory. Every full part
 * is kept beside it, so that an attempt after a crash asks only for the pages behind it. Pages of a
 * source that has changed meanwhile (its identity, its columns) are thrown away, and it begins anew.
 *
 * Where parts were kept, their note stays until `removeParts`: a later attempt finds the artifact.
 *
 * @throws TableError where a row is not as wide as the header, or doesn't fit into an Excel sheet
 */
export async function storePages<SourcePage extends Page, Kind extends string>(
  store: ArtifactStore,
  source: PageSource<SourcePage>,
  target: PagesTarget<SourcePage, Kind>,
  signal: AbortSignal,
): Promise<StoredPages<Kind>> {
  const parts = new PageParts<Kind>(store, target.partsKey);
  const made = await parts.whole(source.identity, signal);
  if (made !== undefined) return { ...made, inParts: true };

  const { pages, kept, print, goal } = await begin(parts, source, target, signal);
  const { encoding, columns } = goal;
  const writer = new PartWriter(parts, print, kept, signal);
  let { rows } = kept;
  try {
    const ref = await store.put(goal.key, encoding.whole(texts()), {
      format: encoding.format,
      signal,
      table: columns && (() => ({ rows, columns })),
    });
    const inParts = (await writer.stored()) > 0;
    const stored = { ref, kind: goal.kind };
    if (inParts) await parts.finish(source.identity, stored, signal);
    return { ...stored, inParts };
  } finally {
    await pages.return(undefined);
    await writer.close();
  }

  /** What the artifact is made of, as it comes: so nothing is read again but what was kept before. */
  async function* texts(): AsyncGenerator<Uint8Array> {
    if (kept.pages > 0) yield* parts.bytes(print, kept.pages, signal);
    for await (const page of pages) {
      const text = writer.page((sink) => encoding.encode(page.rows, rows, sink));
      rows += page.rows.length;
      target.onRows?.(rows);
      yield text;
      if (page.isLast) return;
      await writer.pageEnds(rows);
    }
    throw new Error(`the pages of ${source.identity} ended without a last one`);
  }
}

/** Goes on behind the pages that are kept, unless the source isn't what it was. */
async function begin<SourcePage extends Page, Kind extends string>(
  parts: PageParts<Kind>,
  source: PageSource<SourcePage>,
  { goalOf }: PagesTarget<SourcePage, Kind>,
  signal: AbortSignal,
) {
  const kept = await parts.resume(signal);
  const resumed = await open(kept.pages);
  if (kept.pages === 0 || kept.print === resumed.print) return { ...resumed, kept };
  await resumed.rest.return(undefined);
  await parts.clear(signal);
  return { ...(await open(0)), kept: { pages: 0, rows: 0 } };

  async function open(fromPage: number) {
    const rest = untilAborted(source.pages(fromPage), signal);
    const first = await rest.next();
    if (first.done === true) throw new Error(`${source.identity} has no page ${fromPage}`);
    try {
      const goal = goalOf(first.value);
      return { pages: prepend(first.value, rest), rest, goal, print: printOf(source, goal) };
    } catch (error) {
      await rest.return(undefined);
      throw error;
    }
  }
}

function printOf(source: PageSource<Page>, { encoding, columns, layout }: PagesGoal): string {
  const shape = JSON.stringify([source.identity, encoding.format, columns, layout]);
  return createHash('sha256').update(shape).digest('hex').slice(0, 16);
}

async function* prepend<Item>(first: Item, rest: AsyncGenerator<Item>): AsyncGenerator<Item> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
