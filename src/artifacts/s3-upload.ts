import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Sdk } from './s3-client';
import { EndingUpload } from './s3-ending';
import { Measure, type WrittenFile } from './unfinished';
import { untilAborted } from './until-aborted';
import type { ArtifactBody } from './store';

/** What a body up to this size is held as; a longer one goes up in parts of it, 10,000 at most. */
const partBytes = 8 * 2 ** 20;
/** Parts of one body on their way at a time: with the one being filled, 32 MiB of memory. */
const partsAtOnce = 3;

/** Of the artifact, kept beside it; lower-case hex. */
export const hashMetadata = 'sha256';

export interface UploadTarget {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** Where the hash is known before the body is read. */
  readonly sha256?: string;
}

/**
 * Uploads a body, whole or not at all: S3 shows an object once all of it is there. A short body is
 * one request, and its hash is kept with it; a longer one goes up in parts while it is read, its
 * hash is known too late for that.
 *
 * A body that throws leaves nothing. An upload that is aborted asks for nothing more once it has
 * thrown; it leaves nothing, or all of the body where its last request is carried out although its
 * connection was closed. That is not taken back: another attempt may have written the key by then.
 * What a crash leaves is no object, only parts that take space until the bucket's lifecycle rule
 * removes them.
 *
 * @throws what the body threw, as it is; `explain` is asked about the service's errors
 */
export async function uploadBody(
  target: UploadTarget,
  body: ArtifactBody,
  signal: AbortSignal,
  explain: (error: unknown) => unknown,
): Promise<WrittenFile> {
  const measured = new Measure();
  const pieces = measured.pass(untilAborted(body, signal));
  try {
    const { content, rest } = await beginning(pieces);
    await (content === undefined
      ? putParts(target, rest, signal)
      : putWhole(target, content, signal));
  } catch (error) {
    signal.throwIfAborted();
    throw measured.bodyFailed ? measured.failure : explain(error);
  } finally {
    await pieces.return(undefined);
  }
  return measured.result();
}

/**
 * A short body as a whole; of a longer one all that is to be read, its beginning included. The pieces
 * are copies, since an upload holds on to those of a part while the next ones are read.
 */
export async function beginning(
  pieces: AsyncGenerator<Uint8Array>,
): Promise<{ readonly content?: Buffer; readonly rest: AsyncGenerator<Uint8Array> }> {
  const taken: Uint8Array[] = [];
  for (let bytes = 0; bytes <= partBytes;) {
    const next = await pieces.next();
    if (next.done === true) return { content: Buffer.concat(taken), rest: pieces };
    taken.push(Buffer.from(next.value));
    bytes += next.value.byteLength;
  }
  return { rest: continued(taken, pieces) };
}

async function* continued(
  taken: Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  // Taken out one by one: what has been sent must not stay in memory.
  for (let piece = taken.shift(); piece !== undefined; piece = taken.shift()) yield piece;
  for await (const piece of rest) yield Buffer.from(piece);
}

async function putWhole(
  { sdk, client, bucket, key }: UploadTarget,
  content: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const command = new sdk.s3.PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: content,
    ContentLength: content.length,
    Metadata: { [hashMetadata]: sha256 },
  });
  await client.send(command, { abortSignal: signal });
}

async function putParts(
  { sdk, client, bucket, key, sha256 }: UploadTarget,
  pieces: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const ending = new EndingUpload(sdk, client, signal);
  const upload = new sdk.storage.Upload({
    client: ending.client,
    params: {
      Bucket: bucket,
      Key: key,
      Body: Readable.from(pieces, { objectMode: false }),
      ...(sha256 !== undefined && { Metadata: { [hashMetadata]: sha256 } }),
    },
    partSize: partBytes,
    queueSize: partsAtOnce,
  });
  // Never told to abort: it would reject at once, and take its parts back behind our back. The body
  // and the requests end with the abort, and the upload with them.
  await ending.orGivenUp(upload.done());
}
