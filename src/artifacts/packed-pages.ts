import { PackedRows } from '../clients/packed-rows';
import type { ByteSink } from '../clients/byte-sink';
import type { PageRows } from './table';

/** Before each page: its rows, its cells of a row, the bytes of its texts; as Int32, little-endian. */
const headBytes = 12;

/**
 * Keeps a page for formats that can't be made page by page: the lengths of its cells (-1 for NULL),
 * then their texts. It is read back without a value being made of any cell.
 */
export function packPage(rows: PageRows, sink: ByteSink): void {
  const page = rows instanceof PackedRows ? rows : PackedRows.of(rows);
  const { bytes, starts, ends, length, width } = page;
  const cells = length * width;
  sink.reserve(headBytes + 4 * cells + bytes.length);
  const out = sink.bytes;
  const head = sink.length;
  let lengthAt = head + headBytes;
  let textAt = lengthAt + 4 * cells;
  const firstText = textAt;
  for (let cell = 0; cell < cells; cell += 1) {
    const start = starts[cell] as number;
    const end = ends[cell] as number;
    out.writeInt32LE(start < 0 ? -1 : end - start, lengthAt);
    lengthAt += 4;
    if (start < 0) continue;
    for (let at = start; at < end; at += 1) out[textAt++] = bytes[at] as number;
  }
  out.writeInt32LE(length, head);
  out.writeInt32LE(width, head + 4);
  out.writeInt32LE(textAt - firstText, head + 8);
  sink.length = textAt;
}

/** The pages that {@link packPage} has kept, from their bytes in whatever pieces they come. */
export async function* packedPages(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<PackedRows> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let neededBytes = headBytes;
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    while (waitingBytes >= neededBytes) {
      const joined = Buffer.concat(waiting);
      const pageBytes = sizeOf(joined);
      if (joined.length >= pageBytes) yield unpacked(joined.subarray(0, pageBytes));
      const rest = joined.length >= pageBytes ? joined.subarray(pageBytes) : joined;
      waiting = [rest];
      waitingBytes = rest.length;
      neededBytes = rest.length >= headBytes ? sizeOf(rest) : headBytes;
    }
  }
}

function sizeOf(page: Buffer): number {
  const cells = page.readInt32LE(0) * page.readInt32LE(4);
  return headBytes + 4 * cells + page.readInt32LE(8);
}

function unpacked(page: Buffer): PackedRows {
  const length = page.readInt32LE(0);
  const width = page.readInt32LE(4);
  const cells = length * width;
  const starts = new Int32Array(cells);
  const ends = new Int32Array(cells);
  let end = headBytes + 4 * cells;
  for (let cell = 0; cell < cells; cell += 1) {
    const textBytes = page.readInt32LE(headBytes + 4 * cell);
    starts[cell] = textBytes < 0 ? -1 : end;
    if (textBytes > 0) end += textBytes;
    ends[cell] = end;
  }
  return new PackedRows(page, starts, ends, length, width);
}
