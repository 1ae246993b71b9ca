import { ArtifactError } from './errors';
import { isRefusedCredential } from './s3-errors';
import type * as ClientS3 from '@aws-sdk/client-s3';
import type * as LibStorage from '@aws-sdk/lib-storage';
import type { S3Credentials, S3Place } from './s3-place';

/** The two optional peers. */
export interface S3Sdk {
  readonly s3: typeof ClientS3;
  readonly storage: typeof LibStorage;
}

/** The SDK asks for credentials again when they have five minutes left, and else never. */
const credentialsLastMs = 6 * 60_000;
const connectTimeoutMs = 10_000;
/** Until the answer's headers, the upload of a part included; and between two pieces of a body. */
const silenceMs = 120_000;
/**
 * An open artifact holds a connection until it is read. With the SDK's 50, as many readers that wait
 * for an upload of their own would wait for ever.
 */
const mostSockets = 2048;

/** @throws ArtifactError that names the install command */
export async function loadS3Sdk(): Promise<S3Sdk> {
  try {
    return {
      s3: await import('@aws-sdk/client-s3'),
      storage: await import('@aws-sdk/lib-storage'),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ArtifactError(
      'Artifacts.NotWritable',
      'artifacts.s3 needs the AWS SDK, which is not installed: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage',
    );
  }
}

/**
 * A client of one bucket's service. It repeats a request that met a passing fault twice, unlike this
 * package's own clients: one of the hundreds of parts of an upload must not cost the whole of it.
 */
export function makeS3Client(
  { s3 }: S3Sdk,
  { endpoint, region, forcePathStyle }: S3Place,
  credentials: (() => Promise<S3Credentials>) | undefined,
): ClientS3.S3Client {
  const client = new s3.S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...((region ?? endpoint) !== undefined && { region: region ?? 'us-east-1' }),
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
    ...(credentials && { credentials: async () => expiring(await credentials()) }),
    // What is sent is signed with its hash anyway; services other than AWS refuse the newer sums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: silenceMs,
      throwOnRequestTimeout: true,
      socketTimeout: silenceMs,
      httpAgent: { maxSockets: mostSockets },
      httpsAgent: { maxSockets: mostSockets },
    },
  });
  renewRefusedCredentials(client);
  return client;
}

function expiring(read: S3Credentials) {
  return { ...read, expiration: new Date(Date.now() + credentialsLastMs) };
}

/** Has each request sent once more, with credentials read anew, where the service refuses those it had. */
function renewRefusedCredentials(client: ClientS3.S3Client): void {
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        if (!isRefusedCredential(error)) throw error;
        await client.config.credentials({ forceRefresh: true });
        return next(request);
      }
    },
    { step: 'initialize', name: 'renewRefusedCredentials' },
  );
}
