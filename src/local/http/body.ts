import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { writeFileSync } from 'node:fs';
import { copyFile, mkdir, open, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReceivedFile } from './exchange';

/** What a request's body held. */
export interface ReceivedBody {
  readonly fields: [name: string, value: string][];
  readonly files: ReceivedFile[];
  readonly json?: unknown;
}

/** The body can't be read as what its content type says; answered with HTTP 400. */
export class MalformedBodyError extends Error {}

/** The body is larger than the service takes; answered with HTTP 413. */
export class BodyTooLargeError extends Error {}

/** A text field or a body that isn't a file is held in memory, so it has a limit of its own. */
const maxTextBytes = 64 * 1024 * 1024;
/** Files of one body in memory, all together and each; what is larger is spooled to disk. */
const maxHeldBytes = 8 * 1024 * 1024;
const maxHeldPartBytes = 64 * 1024;

/** Reads a body to its end; large file parts go to `spoolDir`, which is made when there is one. */
export async function readBody(
  incoming: IncomingMessage,
  spoolDir: string,
  maxBodyBytes: number,
): Promise<ReceivedBody> {
  if (isMultipart(incoming)) return readMultipart(incoming, spoolDir, maxBodyBytes);
  const contentType = contentTypeOf(incoming);
  const text = await readText(incoming, Math.min(maxBodyBytes, maxTextBytes));
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return { fields: [...new URLSearchParams(text)], files: [] };
  }
  if (contentType.includes('json') && text.trim() !== '') {
    try {
      return { fields: [], files: [], json: JSON.parse(text) as unknown };
    } catch (error) {
      throw new MalformedBodyError(`The JSON body can't be read: ${(error as Error).message}`);
    }
  }
  return { fields: [], files: [] };
}

/** Only such a body can have files. */
export function isMultipart(incoming: IncomingMessage): boolean {
  return contentTypeOf(incoming).startsWith('multipart/form-data');
}

function contentTypeOf(incoming: IncomingMessage): string {
  return (incoming.headers['content-type'] ?? '').toLowerCase();
}

async function readText(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of limited(incoming, maxBytes) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readMultipart(
  incoming: IncomingMessage,
  spoolDir: string,
  maxBodyBytes: number,
): Promise<ReceivedBody> {
  const fields: [string, string][] = [];
  const parts: Readable[] = [];
  const files: Promise<ReceivedFile>[] = [];
  const room: HeldRoom = { leftBytes: maxHeldBytes };
  try {
    const busboy = new Busboy({
      headers: incoming.headers as BusboyHeaders,
      limits: { fieldSize: maxTextBytes },
    });
    busboy.on('field', (name, value) => fields.push([name, value]));
    busboy.on('file', (field, part, fileName) => {
      const file = receive(part, path.join(spoolDir, String(files.length)), room).then(
        (received) => ({ field, fileName: fileName ?? '', ...received }),
      );
      file.catch(() => undefined); // awaited below, and not unhandled until then
      parts.push(part);
      files.push(file);
    });
    await pipeline(limited(incoming, maxBodyBytes), busboy);
    return { fields, files: await Promise.all(files) };
  } catch (error) {
    for (const part of parts) part.destroy();
    if (error instanceof BodyTooLargeError) throw error;
    throw new MalformedBodyError(`The multipart body can't be read: ${(error as Error).message}`);
  }
}

/** What one body may still hold in memory. */
interface HeldRoom {
  leftBytes: number;
}

/** Holds a small part in memory, since a file costs more than all the rest of a small submit. */
async function receive(
  part: Readable,
  target: string,
  room: HeldRoom,
): Promise<Pick<ReceivedFile, 'sizeBytes' | 'keepAs'>> {
  const held: Buffer[] = [];
  let sizeBytes = 0;
  let file: FileHandle | undefined;
  await pipeline(part, async (chunks: AsyncIterable<Buffer>) => {
    try {
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        room.leftBytes -= chunk.length;
        if (file === undefined && sizeBytes <= maxHeldPartBytes && room.leftBytes >= 0) {
          held.push(chunk);
          continue;
        }
        file ??= await spooled(target, held);
        await file.write(chunk);
      }
    } finally {
      await file?.close();
    }
  });
  const content = Buffer.concat(held);
  return {
    sizeBytes,
    keepAs: async (place) => {
      if (file !== undefined) await copyFile(target, place);
      else writeFileSync(place, content);
    },
  };
}

async function spooled(target: string, held: Buffer[]): Promise<FileHandle> {
  await mkdir(path.dirname(target), { recursive: true });
  const file = await open(target, 'w');
  for (const chunk of held.splice(0)) await file.write(chunk);
  return file;
}

/** The body up to `maxBytes`. What follows is read and dropped, so that the client takes the reply. */
function limited(incoming: IncomingMessage, maxBytes: number): Transform {
  let seenBytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seenBytes += chunk.length;
      if (seenBytes <= maxBytes) done(null, chunk);
      else done(new BodyTooLargeError(`The body has more than ${maxBytes} bytes.`));
    },
  });
  incoming.on('error', (error) => limit.destroy(error));
  limit.on('close', () => incoming.resume());
  return incoming.pipe(limit);
}
