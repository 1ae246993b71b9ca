import type { S3Client } from '@aws-sdk/client-s3';
import { ArtifactError } from './errors';
import { checkKey } from './keys';
import { loadS3Sdk, makeS3Client, type S3Sdk } from './s3-client';
import { explainS3Error, isMissingObject, isTaken } from './s3-errors';
import type { S3ArtifactStoreOptions, S3Credentials } from './s3-place';

/** Some rotations' worth. */
const mostSecrets = 30;

export interface OpenedS3 {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
}

/** A bucket, the place in it, and the client for it, which is made by the first call. */
export class S3Session {
  readonly bucket: string;
  /** What every key begins with: `` or `prefix/`. */
  readonly root: string;
  /** For a person. */
  readonly place: string;
  // Private at run time too: whatever prints objects must not show what they hold.
  #opened: Promise<OpenedS3> | undefined;
  #secrets: readonly string[] = [];

  constructor(private readonly options: S3ArtifactStoreOptions) {
    const prefix = (options.prefix ?? '').replace(/\/$/, '');
    if (prefix !== '') checkKey(prefix);
    if (options.bucket.trim() === '') {
      throw new ArtifactError(
        'Artifacts.NotWritable',
        'the bucket is blank: name one in artifacts.s3.bucket',
      );
    }
    this.bucket = options.bucket;
    this.root = prefix === '' ? '' : `${prefix}/`;
    this.place = `s3://${this.bucket}${prefix === '' ? '' : `/${prefix}`}`;
  }

  /** What a request for a key names. */
  at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: this.root + key };
  }

  /** That something is missing, or there already, stays the SDK's error, for the caller to tell. */
  async call<Answer>(
    attempt: string,
    signal: AbortSignal,
    work: (opened: OpenedS3) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    signal.throwIfAborted();
    try {
      this.#opened ??= this.open();
      return await work(await this.#opened);
    } catch (error) {
      signal.throwIfAborted();
      throw isMissingObject(error) || isTaken(error) ? error : this.explain(error, attempt);
    }
  }

  explain(error: unknown, attempt: string): unknown {
    const { endpoint } = this.options;
    const where = { place: this.place, endpoint, secrets: this.#secrets };
    return explainS3Error(error, where, attempt);
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    opened?.client.destroy();
  }

  private async open(): Promise<OpenedS3> {
    const { credentials } = this.options;
    try {
      const sdk = await loadS3Sdk();
      const read = credentials && (async () => this.remember(await credentials()));
      return { sdk, client: makeS3Client(sdk, this.options, read) };
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  private remember(read: S3Credentials): S3Credentials {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = read;
    const now = [accessKeyId, secretAccessKey, sessionToken];
    // Earlier ones too: a message may be about a request that was signed with them.
    this.#secrets = [...new Set([...now, ...this.#secrets])].slice(0, mostSecrets);
    return read;
  }
}
