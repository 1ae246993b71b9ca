import { PackedRows } from '../clients/packed-rows';
import { ByteSink } from '../clients/byte-sink';
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

/**
 * The pages that {@link packPage} has kept, from their bytes in whatever pieces they come. A page is
 * valid until the next one is asked for; one that comes in one piece is never copied.
 */
export async function* packedPages(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<PackedRows> {
  const memory: CellMemory = { starts: new Int32Array(0), ends: new Int32Array(0) };
  const begun = new ByteSink(0);
  for await (const piece of pieces) {
    let bytes = typeof piece === 'string' ? Buffer.from(piece) : bufferOf(piece);
    if (begun.length > 0) {
      begun.append(bytes);
      bytes = bufferOf(begun.written());
    }
    let at = 0;
    for (let end = pageEnd(bytes, at); end <= bytes.length; end = pageEnd(bytes, at)) {
      yield unpacked(bytes.subarray(at, end), memory);
      at = end;
    }
    if (at === 0 && begun.length > 0) continue;
    begun.clear();
    begun.append(bytes.subarray(at));
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where a page ends; beyond all bytes where even that isn't there yet. */
function pageEnd(bytes: Buffer, start: number): number {
  if (bytes.length - start < headBytes) return Infinity;
  const cells = bytes.readInt32LE(start) * bytes.readInt32LE(start + 4);
  return start + headBytes + 4 * cells + bytes.readInt32LE(start + 8);
}

/** Of one page after the other. */
interface CellMemory {
  starts: Int32Array;
  ends: Int32Array;
}

function unpacked(page: Buffer, memory: CellMemory): PackedRows {
  const length = page.readInt32LE(0);
  const width = page.readInt32LE(4);
  const cells = length * width;
  if (memory.starts.length < cells) {
    memory.starts = new Int32Array(cells);
    memory.ends = new Int32Array(cells);
  }
  const { starts, ends } = memory;
  let end = headBytes + 4 * cells;
  for (let cell = 0; cell < cells; cell += 1) {
    const textBytes = page.readInt32LE(headBytes + 4 * cell);
    starts[cell] = textBytes < 0 ? -1 : end;
    if (textBytes > 0) end += textBytes;
    ends[cell] = end;
  }
  return new PackedRows(page, starts, ends, length, width);
}
