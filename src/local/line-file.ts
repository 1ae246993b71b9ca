import { ftruncateSync, readSync, writeSync } from 'node:fs';

const chunkBytes = 2 ** 20;
const newline = 0x0a;

/**
 * Hands each line of a file to `take`, at the memory of the longest. The file as one string would end
 * at V8's limit of half a gigabyte.
 *
 * @returns size of the file in bytes up to its last line break; what follows is not handed out
 */
export function eachLine(handle: number, take: (line: string) => void): number {
  const chunk = Buffer.alloc(chunkBytes);
  let [readBytes, wholeBytes] = [0, 0];
  let begun: Buffer[] = [];
  for (;;) {
    const length = readSync(handle, chunk, 0, chunkBytes, readBytes);
    if (length === 0) return wholeBytes;
    const read = chunk.subarray(0, length);
    let start = 0;
    for (let end = read.indexOf(newline); end >= 0; end = read.indexOf(newline, start)) {
      take(Buffer.concat([...begun, read.subarray(start, end)]).toString());
      begun = [];
      start = end + 1;
      wholeBytes = readBytes + start;
    }
    if (start < length) begun.push(Buffer.from(read.subarray(start)));
    readBytes += length;
  }
}

/** Appends all of it, or nothing and throws: a disk that fills takes the beginning of a write. */
export function appendWhole(handle: number, bytes: Uint8Array, sizeBytes: number): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
  } catch (error) {
    ftruncateSync(handle, sizeBytes);
    throw error;
  }
}

/** @returns what was written, in bytes */
export function appendLines(handle: number, lines: Iterable<string>): number {
  let sizeBytes = 0;
  let pendingBytes = 0;
  let pending: Buffer[] = [];
  const flush = () => {
    appendWhole(handle, Buffer.concat(pending), sizeBytes);
    sizeBytes += pendingBytes;
    [pending, pendingBytes] = [[], 0];
  };
  for (const line of lines) {
    const bytes = Buffer.from(`${line}\n`);
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes >= chunkBytes) flush();
  }
  flush();
  return sizeBytes;
}
