import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { InputError } from './errors';
import type { UploadFile } from './upload-file';

export type MultipartPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly file: UploadFile };

export interface MultipartBody {
  readonly contentType: string;
  /** Of the whole body, so that the request carries a Content-Length: nginx refuses by it at once. */
  readonly sizeBytes: number;
  /** Reads each file only when its turn comes, chunk by chunk. */
  readonly body: Readable;
}

/** RFC 7578 as browsers write it: UTF-8 as it is, quotes and line ends percent-encoded. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`;
}

function head(boundary: string, part: MultipartPart): Buffer {
  const file =
    'file' in part
      ? `; filename=${quoted(part.file.name)}\r\nContent-Type: application/octet-stream`
      : '';
  return Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(part.name)}${file}\r\n\r\n`,
  );
}

/** A multipart/form-data body in the order of the parts, at constant memory whatever the files' size. */
export function multipartBody(parts: readonly MultipartPart[]): MultipartBody {
  const boundary = `----remote-jobs-${randomBytes(16).toString('hex')}`;
  const lineEnd = Buffer.from('\r\n');
  const end = Buffer.from(`--${boundary}--\r\n`);
  const pieces = parts.map((part) => ({
    head: head(boundary, part),
    content: 'file' in part ? part.file : Buffer.from(part.value),
  }));
  const sizeBytes = pieces.reduce(
    (sum, { head, content }) =>
      sum + head.length + (Buffer.isBuffer(content) ? content.length : content.sizeBytes) + 2,
    end.length,
  );
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const { head, content } of pieces) {
      yield head;
      if (Buffer.isBuffer(content)) yield content;
      else yield* fileChunks(content);
      yield lineEnd;
    }
    yield end;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes,
    body: Readable.from(chunks(), { objectMode: false }),
  };
}

/** Refuses to end on a file that is no longer what was announced: half a script is not the script. */
async function* fileChunks(file: UploadFile): AsyncGenerator<Buffer> {
  let readBytes = 0;
  try {
    for await (const chunk of file.open()) {
      readBytes += (chunk as Buffer).length;
      if (readBytes > file.sizeBytes) break;
      yield chunk as Buffer;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError('file', `${file.name} can't be read (${code ?? message})`);
  }
  if (readBytes !== file.sizeBytes) {
    throw new InputError(
      'file',
      `${file.name} changed while it was sent: ${file.sizeBytes} bytes were announced, ${readBytes > file.sizeBytes ? 'more' : readBytes} are there`,
    );
  }
}
