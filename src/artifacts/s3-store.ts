import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ArtifactFormat, ArtifactRef } from '../contracts/artifact';
import { ArtifactError, ArtifactNotFoundError } from './errors';
import { checkKey } from './keys';
import { isMissingObject, isTaken } from './s3-errors';
import type { S3ArtifactStoreOptions } from './s3-place';
import { S3Session } from './s3-session';
import { explainedBody, quiet } from './s3-download';
import { beginning, hashMetadata, uploadBody } from './s3-upload';
import {
  artifactKey,
  artifactUri,
  hashKey,
  type ArtifactBody,
  type ArtifactStore,
  type PutOptions,
} from './store';
import { hashBody, Measure, writeUnfinished } from './unfinished';
import { untilAborted } from './until-aborted';

export type { S3ArtifactStoreOptions };

/** Requests of one removal at a time. */
const removesAtOnce = 8;
const sha256Form = /^[0-9a-f]{64}$/;

/**
 * Artifacts as objects of an S3 bucket, or of any service that speaks S3 and answers a read with
 * the last write (AWS, MinIO, Ceph, R2 and others do). It needs the optional peers
 * `@aws-sdk/client-s3` and `@aws-sdk/lib-storage`; nothing is opened before the first call.
 *
 * Writers of one key may race, the last one wins. What is stored by its hash is read through once,
 * into a file of the machine's temporary folder where it is long, before it is sent.
 */
export class S3ArtifactStore implements ArtifactStore {
  private readonly session: S3Session;

  constructor(options: S3ArtifactStoreOptions) {
    this.session = new S3Session(options);
  }

  /** For a person: `s3://bucket/prefix`. */
  get place(): string {
    return this.session.place;
  }

  async put(key: string, body: ArtifactBody, options: PutOptions): Promise<ArtifactRef> {
    if (body instanceof Readable) quiet(body);
    checkKey(key);
    return this.upload(key, body, options);
  }

  async putByHash(body: ArtifactBody, options: PutOptions): Promise<ArtifactRef> {
    if (body instanceof Readable) quiet(body);
    options.signal.throwIfAborted();
    const measured = new Measure();
    const pieces = measured.pass(untilAborted(body, options.signal));
    try {
      const { content, rest } = await beginning(pieces);
      if (content === undefined) return await this.putFromDisk(rest, options);
      return await this.upload(
        hashKey(measured.result().sha256),
        Readable.from([content]),
        options,
      );
    } finally {
      await pieces.return(undefined);
    }
  }

  async findByHash(
    sha256: string,
    format: ArtifactFormat,
    signal: AbortSignal,
  ): Promise<ArtifactRef | undefined> {
    const key = hashKey(sha256);
    const found = await this.head(key, signal);
    // Without its hash it was put there by somebody else: stored anew, it is what it is called.
    if (found?.sha256 !== sha256) return undefined;
    return { uri: artifactUri(key), format, sizeBytes: found.sizeBytes, sha256 };
  }

  /** Reads the artifact only where no hash is kept beside it: one that went up in parts. */
  async find(
    key: string,
    format: ArtifactFormat,
    signal: AbortSignal,
  ): Promise<ArtifactRef | undefined> {
    const found = await this.head(key, signal);
    if (found === undefined) return undefined;
    const uri = artifactUri(key);
    const { sizeBytes, sha256 } = found;
    if (sha256 !== undefined) return { uri, format, sizeBytes, sha256 };
    try {
      return { uri, format, ...(await hashBody(await this.open(uri, signal))) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ArtifactNotFoundError) return undefined;
      throw error;
    }
  }

  async open(uri: string, signal: AbortSignal): Promise<Readable> {
    const key = artifactKey(uri);
    checkKey(key);
    const { Body } = await this.session
      .call(`read ${key}`, signal, ({ sdk, client }) =>
        client.send(new sdk.s3.GetObjectCommand(this.session.at(key)), { abortSignal: signal }),
      )
      .catch((error: unknown) => {
        throw isMissingObject(error) ? new ArtifactNotFoundError(uri) : error;
      });
    if (!(Body instanceof Readable)) throw new ArtifactNotFoundError(uri);
    return explainedBody(Body, signal, (error) => this.session.explain(error, `read ${key}`));
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    const keys: string[] = [];
    let from: string | undefined;
    do {
      const page = await this.session.call(`list ${prefix || 'it'}`, signal, ({ sdk, client }) =>
        client.send(
          new sdk.s3.ListObjectsV2Command({
            Bucket: this.session.bucket,
            Prefix: this.session.root + prefix,
            // A key may hold what XML can't.
            EncodingType: 'url',
            ContinuationToken: from,
          }),
          { abortSignal: signal },
        ),
      );
      for (const { Key: written = '' } of page.Contents ?? []) {
        const key = page.EncodingType === 'url' ? decoded(written) : written;
        // What ends so is a folder that a person made in a console.
        if (!key.endsWith('/')) keys.push(key.slice(this.session.root.length));
      }
      from = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (from !== undefined);
    return keys.sort();
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    checkKey(key);
    await this.session
      .call(`remove ${key}`, signal, ({ sdk, client }) =>
        client.send(new sdk.s3.DeleteObjectCommand(this.session.at(key)), { abortSignal: signal }),
      )
      .catch((error: unknown) => {
        if (!isMissingObject(error)) throw error;
      });
  }

  /** One by one: not every service knows S3's call for many. */
  async removeFolder(folder: string, signal: AbortSignal): Promise<void> {
    checkKey(folder);
    const keys = [...(await this.list(`${folder}/`, signal))];
    const removing = Array.from({ length: removesAtOnce }, async () => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop())
        await this.remove(key, signal);
    });
    await Promise.all(removing);
  }

  /**
   * Writes, reads, lists and removes a small object.
   *
   * @throws ArtifactError with what to do
   */
  async check(signal: AbortSignal): Promise<void> {
    await this.clockSkewMs(signal);
  }

  /** Writes, reads, lists and removes a small object, and answers how far this clock is ahead. */
  async clockSkewMs(signal: AbortSignal): Promise<number> {
    const key = `.check/${randomUUID()}`;
    await this.put(key, Readable.from([key]), { format: 'text', signal });
    const nowMs = Date.now();
    try {
      if ((await text(await this.open(artifactUri(key), signal))) !== key) throw this.stale(key);
      if (!(await this.list(key, signal)).includes(key)) throw this.stale(key);
      const found = await this.head(key, signal);
      return nowMs - (found?.modifiedAtMs ?? nowMs);
    } finally {
      await this.remove(key, signal);
    }
  }

  /** Put only where nothing is; what is there then, whoever was first. */
  async keepFirst(key: string, content: string, signal: AbortSignal): Promise<string> {
    const uri = artifactUri(key);
    const kept = () =>
      this.open(uri, signal).then(text, (error: unknown) => {
        if (error instanceof ArtifactNotFoundError) return undefined;
        throw error;
      });
    const known = await kept();
    if (known !== undefined) return known;
    await this.session
      .call(`write ${key}`, signal, ({ sdk, client }) =>
        client.send(
          new sdk.s3.PutObjectCommand({ ...this.session.at(key), Body: content, IfNoneMatch: '*' }),
          { abortSignal: signal },
        ),
      )
      .catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
    return (await kept()) ?? content;
  }

  /** Ends the connections; the store isn't used afterwards. */
  close(): Promise<void> {
    return this.session.close();
  }

  /** The key of a body is known once all of it has been read. */
  private async putFromDisk(
    body: AsyncIterable<Uint8Array>,
    options: PutOptions,
  ): Promise<ArtifactRef> {
    const folder = await mkdtemp(path.join(tmpdir(), 'remote-jobs-')).catch((error: unknown) => {
      throw diskError(error);
    });
    try {
      const file = path.join(folder, 'body');
      const { sha256 } = await writeUnfinished(file, body, options.signal, diskError);
      const known = await this.findByHash(sha256, options.format, options.signal);
      if (known !== undefined) return { ...known, ...options.table?.() };
      return await this.upload(hashKey(sha256), createReadStream(file), options, sha256);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async upload(
    key: string,
    body: ArtifactBody,
    { signal, format, table }: PutOptions,
    sha256?: string,
  ): Promise<ArtifactRef> {
    const attempt = `write ${key}`;
    const { sdk, client } = await this.session.call(attempt, signal, (opened) => opened);
    const { Bucket: bucket, Key } = this.session.at(key);
    const explain = (error: unknown) => this.session.explain(error, attempt);
    const target = { sdk, client, bucket, key: Key, sha256 };
    const written = await uploadBody(target, body, signal, explain);
    return { uri: artifactUri(key), format, ...written, ...table?.() };
  }

  private async head(key: string, signal: AbortSignal) {
    checkKey(key);
    try {
      const found = await this.session.call(`read ${key}`, signal, ({ sdk, client }) =>
        client.send(new sdk.s3.HeadObjectCommand(this.session.at(key)), { abortSignal: signal }),
      );
      const said = found.Metadata?.[hashMetadata] ?? '';
      return {
        sizeBytes: found.ContentLength ?? 0,
        sha256: sha256Form.test(said) ? said : undefined,
        modifiedAtMs: found.LastModified?.getTime(),
      };
    } catch (error) {
      if (isMissingObject(error)) return undefined;
      throw error;
    }
  }

  private stale(key: string): ArtifactError {
    return new ArtifactError(
      'Artifacts.NotWritable',
      `the artifact store ${this.place} doesn't show ${key} right after it was written: take a service that answers a read with the last write`,
    );
  }
}

function diskError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new ArtifactError(
    isFull ? 'Artifacts.Full' : 'Artifacts.NotWritable',
    `a long input is kept in ${tmpdir()} before it goes into the bucket, and that can't be written (${code}): mend it, or name another folder in TMPDIR`,
  );
}

/** As `encoding-type=url` has it: a form's encoding. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
