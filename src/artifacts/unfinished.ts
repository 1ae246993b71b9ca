import { createHash } from 'node:crypto';
import { open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ByteSink } from '../clients/byte-sink';
import { untilAborted } from './until-aborted';
import type { ArtifactBody } from './store';

/** A writer that hasn't touched its file for so long is dead. */
const leftoverAgeMs = 24 * 60 * 60 * 1000;

/** Small pieces are gathered up to this size before they go to the disk. */
const writeBytes = 256 * 1024;

/** So much goes to the disk while more comes, or all of a large file would have to at its end. */
const syncBytes = 16 * 2 ** 20;

export interface WrittenFile {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Writes a body to a new file, hashing on the way, and flushes it to the disk. What the body throws
 * comes out as it is; `explain` is asked about the errors of the file itself.
 */
export async function writeUnfinished(
  file: string,
  body: ArtifactBody,
  signal: AbortSignal,
  explain: (error: unknown) => unknown,
): Promise<WrittenFile> {
  const measured = new Measure();
  try {
    await write(file, body, measured, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw measured.bodyFailed ? error : explain(error);
  }
  return measured.result();
}

async function write(
  file: string,
  body: ArtifactBody,
  measured: Measure,
  signal: AbortSignal,
): Promise<void> {
  const handle = await open(file, 'wx');
  // A large piece is being written while the next one is made.
  let writing = Promise.resolve();
  let syncing = Promise.resolve();
  let unsyncedBytes = 0;
  try {
    // One piece of memory for all of it: gathered anew each time, it would be as much garbage as file.
    const pending = new ByteSink(writeBytes);
    const flush = async () => {
      await writing;
      if (pending.length > 0) await writeAll(handle, pending.written());
      pending.clear();
    };
    for await (const bytes of measured.pass(untilAborted(body, signal))) {
      if (pending.length + bytes.byteLength > writeBytes) await flush();
      if (bytes.byteLength >= writeBytes) {
        writing = writeAll(handle, bytes);
        writing.catch(() => undefined); // whoever awaits it gets the error
      } else {
        pending.append(bytes);
      }
      unsyncedBytes += bytes.byteLength;
      if (unsyncedBytes < syncBytes) continue;
      unsyncedBytes = 0;
      await syncing;
      syncing = writing.then(() => handle.datasync());
      syncing.catch(() => undefined); // as above
    }
    await flush();
    await syncing;
    await handle.sync();
  } finally {
    await Promise.allSettled([writing, syncing]);
    await handle.close();
  }
}

/** As few calls as the system makes of it; `writeFile` makes one of each half MiB. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    at += (await handle.write(bytes, at)).bytesWritten;
  }
}

export async function hashBody(body: ArtifactBody): Promise<WrittenFile> {
  const measured = new Measure();
  for await (const _chunk of measured.pass(body)) {
    // only to be measured
  }
  return measured.result();
}

/** Hash and size of the bytes that pass through. */
export class Measure {
  bodyFailed = false;
  /** What the body threw. */
  failure: unknown;
  private readonly hash = createHash('sha256');
  private sizeBytes = 0;

  async *pass(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
        this.hash.update(bytes);
        this.sizeBytes += bytes.byteLength;
        yield bytes;
      }
    } catch (error) {
      this.bodyFailed = true;
      this.failure = error;
      throw error;
    }
  }

  result(): WrittenFile {
    return { sizeBytes: this.sizeBytes, sha256: this.hash.digest('hex') };
  }
}

/** Removes what crashed writers left; best effort, since other processes may do the same now. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > leftoverAgeMs) {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}
