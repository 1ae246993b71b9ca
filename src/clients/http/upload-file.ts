import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError } from './errors';

/** A file to send. `open` may be called again: a call that is repeated reads it from the start. */
export interface UploadFile {
  /** The name that the service sees. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its bytes from the start, each time anew. */
  open(): Readable;
}

/**
 * A file on disk, to be streamed.
 *
 * @param name what the service sees; by default the file's own name without its folder
 * @throws InputError where there is no such file, or it is a folder
 */
export async function uploadFile(path: string, name = basename(path)): Promise<UploadFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError('file', `${path} can't be read (${error.code ?? error.message})`);
  });
  if (!found.isFile())
    throw new InputError('file', `${path} is not a file; name each file to send`);
  return { name, sizeBytes: found.size, open: () => createReadStream(path) };
}
