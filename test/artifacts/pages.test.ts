import { tableEncoding, type TableFormat } from '../../src/artifacts/page-encoding';
import { removeParts } from '../../src/artifacts/page-parts';
import { storePages, type Page } from '../../src/artifacts/pages';
import { linkName } from '../../src/artifacts/chain';
import type { ArtifactStore } from '../../src/artifacts/store';
import { bodyOf, leftovers, makeAnyStore, noAbort } from './support';

const died = new Error('the worker died');
const columns = ['id', 'value'];

/** 50 pages of two rows each; `dieAt` is the page at which an attempt ends. */
class Download {
  readonly asked: number[] = [];
  /** Readings that nobody has closed yet. */
  open = 0;
  identity = 'a result set';
  columns: readonly string[] = columns;

  constructor(
    private readonly store: ArtifactStore,
    private readonly format: TableFormat,
  ) {}

  async run(dieAt = Infinity, signal = noAbort) {
    this.asked.length = 0;
    const pages = (from: number) => this.pages(from, dieAt);
    const source = { identity: this.identity, pages };
    const encoding = tableEncoding(this.format, this.columns);
    const goalOf = () => ({ key: 'r/0', kind: 'table', encoding, columns: this.columns });
    return storePages(this.store, source, { partsKey: 'r/0', goalOf }, signal);
  }

  private async *pages(from: number, dieAt: number): AsyncGenerator<Page> {
    this.open += 1;
    try {
      for (let page = from; ; page += 1) {
        if (page === dieAt) throw died;
        this.asked.push(page);
        const isLast = page === 49;
        const rows = [0, 1].map((row) => [`${page}-${row}`, row === 0 ? null : 'say "é"']);
        yield { rows: isLast ? rows.slice(1) : rows, isLast };
        if (isLast) return;
      }
    } finally {
      this.open -= 1;
    }
  }
}

describe.each<TableFormat>(['csv', 'jsonl', 'parquet', 'xlsx'])('%s', (format) => {
  it('goes on behind the pages that were kept, and makes the same bytes', async () => {
    const whole = await new Download(await makeAnyStore(), format).run();
    const store = await makeAnyStore();
    await expect(new Download(store, format).run(30)).rejects.toBe(died);
    await expect(new Download(store, format).run(45)).rejects.toBe(died);
    const last = new Download(store, format);
    const resumed = await last.run();
    // 20 pages a part: what was read behind the last full one is read again, and nothing else.
    expect(last.asked[0]).toBe(40);
    expect(resumed.ref).toEqual(whole.ref);
    expect(resumed.ref).toMatchObject({ rows: 99, columns });
  });

  it('begins anew where the source is another one, or its columns are', async () => {
    const store = await makeAnyStore();
    await expect(new Download(store, format).run(45)).rejects.toBe(died);
    const renamed = new Download(store, format);
    renamed.columns = ['id', 'changed'];
    const { ref } = await renamed.run();
    // The page behind the kept ones shows it.
    expect(renamed.asked.slice(0, 3)).toEqual([40, 0, 1]);
    expect(renamed.open).toBe(0);
    expect(ref).toMatchObject({ rows: 99, columns: ['id', 'changed'] });

    const other = new Download(store, format);
    other.identity = 'replaced meanwhile';
    await other.run();
    expect(other.asked).toContain(0);
  });
});

it('never shows an artifact that is not whole', async () => {
  const store = await makeAnyStore();
  await expect(new Download(store, 'csv').run(45)).rejects.toBe(died);
  expect(await store.find('r/0', 'csv', noAbort)).toBeUndefined();
  expect(await leftovers(store)).toEqual([]);
});

it('knows an artifact that was made, also when its parts are gone', async () => {
  const store = await makeAnyStore();
  const made = await new Download(store, 'csv').run();
  const again = new Download(store, 'csv');
  expect(await again.run()).toEqual(made);
  expect(again.asked).toEqual([]);
  await store.remove('r/0', noAbort);
  expect(await again.run()).toEqual(made);
  expect(again.asked).toHaveLength(50);
});

it('leaves nothing behind but the artifact, in the end', async () => {
  const store = await makeAnyStore();
  await new Download(store, 'csv').run();
  expect(await store.list('', noAbort)).toEqual(['r/0', 'r/0.parts/whole.json']);
  await removeParts(store, 'r/', noAbort);
  expect(await store.list('', noAbort)).toEqual(['r/0']);
});

it('goes through parts of two attempts at once, each page once', async () => {
  const whole = await new Download(await makeAnyStore(), 'csv').run();
  const store = await makeAnyStore();
  await expect(new Download(store, 'csv').run(45)).rejects.toBe(died);
  const [first = ''] = await store.list('r/0.parts/', noAbort);
  const folder = first.slice(0, first.lastIndexOf('/'));
  // An older attempt, with pages of its own measure, comes no further.
  const stray = linkName({ from: 20, to: 33, count: 26 });
  await store.put(`${folder}/${stray}`, bodyOf('x'), { format: 'binary', signal: noAbort });
  expect((await new Download(store, 'csv').run()).ref).toEqual(whole.ref);
});

it('says so where parts vanish while they are put together', async () => {
  const store = await makeAnyStore();
  await expect(new Download(store, 'csv').run(45)).rejects.toBe(died);
  const last = new Download(store, 'csv');
  const { put } = store;
  store.put = async (...of) => {
    await removeParts(store, 'r/', noAbort);
    return put.apply(store, of);
  };
  await expect(last.run()).rejects.toMatchObject({ code: 'Artifacts.PartGone' });
});
