import type { PackedRows } from '../clients/packed-rows';
import { uniqueNames } from './json-lines';

/**
 * A row group has about so many bytes of text: a page or two. Its columns become values one after
 * the other, which takes many times as much memory, and nothing else of the worker runs meanwhile.
 */
const groupBytes = 2 ** 20;

/**
 * A Parquet file, made while it is being read. Every column is text that may be NULL: the service
 * has made text of the values, and rewritten numbers on its way (`1.0` is "1"), so that the types it
 * names no longer hold. Snappy, with a dictionary where it pays. A column name that stands twice
 * gets `_2`, `_3`, …
 */
export async function* parquetBody(
  columns: readonly string[],
  pages: AsyncIterable<PackedRows>,
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const names = uniqueNames(columns);
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'schema', num_children: names.length },
      ...names.map((name) => ({
        name,
        type: 'BYTE_ARRAY' as const,
        converted_type: 'UTF8' as const,
        repetition_type: 'OPTIONAL' as const,
      })),
    ],
  });
  let group: PackedRows[] = [];
  let bytes = 0;
  for await (const page of pages) {
    if (page.length === 0) continue;
    bytes += page.bytes.length;
    if (bytes < groupBytes) {
      // The next page takes its place in memory.
      group.push(page.copy());
      continue;
    }
    group.push(page);
    yield writtenGroup();
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield writtenGroup();
  void file.finish();
  yield taken();

  function writtenGroup(): Uint8Array {
    const pagesOfGroup = group;
    const length = pagesOfGroup.reduce((sum, page) => sum + page.length, 0);
    const columnData = names.map((name, column) => ({
      name,
      // Asked for when it is this column's turn.
      get data() {
        return valuesOf(pagesOfGroup, column);
      },
    }));
    void file.write({ columnData, rowGroupSize: length });
    return taken();
  }

  /** What has been written since the last time. */
  function taken(): Uint8Array {
    const written = Buffer.from(writer.getBytes());
    writer.index = 0;
    return written;
  }
}

function valuesOf(pages: readonly PackedRows[], column: number): (string | null)[] {
  const values: (string | null)[] = [];
  for (const page of pages) {
    for (let row = 0; row < page.length; row += 1) values.push(page.cell(row, column));
  }
  return values;
}
