import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { S3ArtifactStore, type S3ArtifactStoreOptions } from '../../src/artifacts/s3-store';

/** The account that the server of the run knows. */
export const bucketKeys = { accessKeyId: 'local-access', secretAccessKey: 'local-secret-key' };
export const bucketName = 'artifacts';
/** How Jest's worker processes learn where the server of the run is. */
export const endpointVariable = 'TEST_S3_ENDPOINT';

/** The bucket of an S3 server on 127.0.0.1. */
export class TestBucket {
  constructor(readonly endpoint: string) {}

  /** A store of its own: no other has its prefix. */
  store(options: Partial<S3ArtifactStoreOptions> = {}): S3ArtifactStore {
    return new S3ArtifactStore({
      bucket: bucketName,
      prefix: `test/${randomUUID()}`,
      endpoint: this.endpoint,
      credentials: () => Promise.resolve(bucketKeys),
      ...options,
    });
  }

  /** Keys of the uploads that were begun in a store, and neither ended nor taken back. */
  async uploads({ place }: S3ArtifactStore): Promise<string[]> {
    const { ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
    const client = await this.client();
    try {
      const { Uploads = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucketName }),
      );
      const prefix = `${place.slice(`s3://${bucketName}/`.length)}/`;
      return Uploads.flatMap(({ Key = '' }) => (Key.startsWith(prefix) ? [Key] : []));
    } finally {
      client.destroy();
    }
  }

  /** Loaded here, not above: every spec of a store loads this file. */
  async client(): Promise<S3Client> {
    const { S3Client } = await import('@aws-sdk/client-s3');
    return new S3Client({
      endpoint: this.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: bucketKeys,
    });
  }
}

/** In `npm run test:s3` only. */
export function testBucket(): TestBucket | undefined {
  const endpoint = process.env[endpointVariable];
  return endpoint === undefined ? undefined : new TestBucket(endpoint);
}
