import type { FileHandle } from 'node:fs/promises';
import yauzl, { type Entry } from 'yauzl';
import type { Limits } from '../contracts/limits';

/** yauzl's words for names that lead out of the folder a zip is unpacked in. */
const leadsOut = /relative path|absolute path|invalid characters/i;

/**
 * Why a zip can't be an input, in a sentence; undefined where it can. Only its table of contents is
 * read: what it holds is for the service to unpack, which may trust every name and size in it.
 */
export async function zipMistake(
  value: string,
  handle: FileHandle,
  limits: Pick<Limits, 'maxZipEntries' | 'maxUnpackedBytes'>,
): Promise<string | undefined> {
  let entries = 0;
  let unpackedBytes = 0;
  try {
    // The handle stays the caller's: the zip is never closed, since that would close it.
    const options = { lazyEntries: true, autoClose: false };
    const zip = await yauzl.fromFdPromise(handle.fd, options);
    for await (const entry of zip.eachEntry()) {
      entries += 1;
      unpackedBytes += entry.uncompressedSize;
      if (isLink(entry)) {
        return `${value} holds the symbolic link ${JSON.stringify(entry.fileName)}: make the zip anew with the file itself`;
      }
      if (entries > limits.maxZipEntries) {
        return `${value} has more entries than the ${limits.maxZipEntries} that limits.maxZipEntries allows: split it, or raise the limit`;
      }
      if (unpackedBytes > limits.maxUnpackedBytes) {
        return `${value} unpacks to more than the ${limits.maxUnpackedBytes} bytes that limits.maxUnpackedBytes allows: split it, or raise the limit`;
      }
    }
  } catch (error) {
    const words = (error as Error).message;
    return leadsOut.test(words)
      ? `${value} holds an entry that would be unpacked outside its folder (${words}): make the zip anew without it`
      : `${value} is no zip that can be read (${words}): make it anew`;
  }
  return entries === 0 ? `${value} holds no file: leave it out, or fill it` : undefined;
}

/** Unix keeps the kind of a file in the upper half. */
function isLink({ externalFileAttributes }: Entry): boolean {
  return ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}
