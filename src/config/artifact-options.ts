import { z } from 'zod';
import { baseUrl, filePath, name, orUndefined, secretSource, type SettingsOrigin } from './fields';
import type { SecretOption, SecretSource } from './secret-source';
import type { SecretResolver } from './secrets';

/**
 * A bucket of S3, or of a service that speaks it. Without `accessKeyId` the AWS SDK finds its
 * credentials: the environment, a profile, the role of the machine.
 */
export interface S3Options<Secret = SecretOption> {
  /** The bucket's name; it has to exist. */
  readonly bucket: string;
  /** Before every key, such as `remote-jobs/prod`. @default none */
  readonly prefix?: string;
  /** The region of the bucket. @default with an endpoint `us-east-1`, else what the AWS SDK finds (`AWS_REGION`, a profile) */
  readonly region?: string;
  /** Of a service other than AWS: `http://minio:9000`. */
  readonly endpoint?: string;
  /** The bucket in the path instead of the host's name. @default true with an endpoint */
  readonly forcePathStyle?: boolean;
  /** A secret. @default what the AWS SDK finds */
  readonly accessKeyId?: Secret;
  /** A secret, beside `accessKeyId`. */
  readonly secretAccessKey?: Secret;
  /** Of temporary credentials, beside the two. */
  readonly sessionToken?: Secret;
}

/** What they name, as it is now. */
export interface S3KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type S3Settings = S3Options<SecretSource>;

/** What stands under `artifacts`. */
export interface ArtifactSettings {
  /** A folder, shared by all workers and callers. Absolute once it is read. @default `remote-jobs-artifacts` */
  readonly folder?: string;
  /** A bucket instead. */
  readonly s3?: S3Settings;
}

const oneOf = 'stands beside folder: give only one of them';

export function artifactSchema(origin: SettingsOrigin) {
  return z
    .strictObject(
      {
        folder: filePath(origin, 'name a folder').optional(),
        s3: s3Schema(origin).optional(),
      },
      { error: 'must be settings by their names (folder, s3)' },
    )
    .superRefine((given, context) => {
      if (given.folder === undefined || given.s3 === undefined) return;
      context.addIssue({ code: 'custom', path: ['s3'], message: oneOf });
    });
}

function s3Schema(origin: SettingsOrigin) {
  const credential = secretSource(origin).optional();
  return z
    .strictObject(
      {
        bucket: name('a bucket', 'remote-jobs'),
        prefix: name('what every key begins with', 'prod')
          .refine(
            (value) => !/^\/|\/\/|(^|\/)\.{1,2}(\/|$)|\\/.test(value),
            'must be a plain relative path, such as "remote-jobs/prod"',
          )
          .nullish()
          .transform(orUndefined),
        region: name('the region of the bucket', 'eu-central-1').nullish().transform(orUndefined),
        endpoint: baseUrl('give the address of the service, such as http://minio:9000', /$^/)
          .nullish()
          .transform(orUndefined),
        forcePathStyle: z
          .boolean({ error: 'must be true or false' })
          .nullish()
          .transform(orUndefined),
        accessKeyId: credential,
        secretAccessKey: credential,
        sessionToken: credential,
      },
      { error: 'must be settings by their names: bucket, region, endpoint, …' },
    )
    .superRefine(({ accessKeyId, secretAccessKey, sessionToken }, context) => {
      if (
        sessionToken !== undefined &&
        accessKeyId === undefined &&
        secretAccessKey === undefined
      ) {
        const message = 'is missing beside sessionToken: give it and secretAccessKey as well';
        context.addIssue({ code: 'custom', path: ['accessKeyId'], message });
      }
      if ((accessKeyId === undefined) === (secretAccessKey === undefined)) return;
      const [given, missing] =
        accessKeyId === undefined
          ? ['secretAccessKey', 'accessKeyId']
          : ['accessKeyId', 'secretAccessKey'];
      const message = `is missing beside ${given}: give both, or leave both to the AWS SDK`;
      context.addIssue({ code: 'custom', path: [missing], message });
    }) satisfies z.ZodType<S3Settings>;
}

/** Reads the credentials of a bucket anew at each call; undefined where the AWS SDK finds them. */
export function s3Credentials(
  { accessKeyId, secretAccessKey, sessionToken }: S3Settings,
  secrets: SecretResolver,
): (() => Promise<S3KeyPair>) | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return async () => ({
    accessKeyId: await secrets.read(accessKeyId, 'artifacts.s3.accessKeyId'),
    secretAccessKey: await secrets.read(secretAccessKey, 'artifacts.s3.secretAccessKey'),
    ...(sessionToken !== undefined && {
      sessionToken: await secrets.read(sessionToken, 'artifacts.s3.sessionToken'),
    }),
  });
}
