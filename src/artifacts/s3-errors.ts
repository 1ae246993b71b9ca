import { types } from 'node:util';
import { redact } from '../clients/http/redaction';
import { ArtifactError, type ArtifactErrorCode } from './errors';

/** What the AWS SDK throws, as far as it is used; its own classes are loaded later. */
interface S3Failure extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export interface S3Where {
  /** `s3://bucket/prefix`. */
  readonly place: string;
  /** As it is configured; undefined is AWS. */
  readonly endpoint?: string;
  /** Values that no message may hold. */
  readonly secrets: readonly string[];
}

type Words = readonly [code: ArtifactErrorCode, what: string];

const credentials =
  'check artifacts.s3.accessKeyId and artifacts.s3.secretAccessKey, or without them what the AWS SDK finds (AWS_ACCESS_KEY_ID, its profile, the role of this machine)';
const permissions =
  'let the credentials s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on what is in it';
const wrongRegion =
  'the bucket lies in another region: set artifacts.s3.region to the one that it was made in';
const full = 'no space or quota is left: free some, or raise it, then retry';

/** By the error's name, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const byName: Readonly<Record<string, Words>> = {
  NoSuchBucket: [
    'Artifacts.NotWritable',
    'there is no such bucket: make it, or mend artifacts.s3.bucket',
  ],
  InvalidBucketName: [
    'Artifacts.NotWritable',
    'that is no name for a bucket: mend artifacts.s3.bucket',
  ],
  AccessDenied: ['Artifacts.NotWritable', `the access is denied: ${permissions}`],
  Forbidden: ['Artifacts.NotWritable', `the access is denied: ${permissions}`],
  AllAccessDisabled: ['Artifacts.NotWritable', 'the account or bucket is disabled: ask its owner'],
  InvalidAccessKeyId: ['Artifacts.NotWritable', `the access key is unknown: ${credentials}`],
  SignatureDoesNotMatch: ['Artifacts.NotWritable', `the secret key is wrong: ${credentials}`],
  InvalidToken: ['Artifacts.NotWritable', `the session token is wrong: ${credentials}`],
  ExpiredToken: ['Artifacts.NotWritable', `the credentials have expired: ${credentials}`],
  TokenRefreshRequired: ['Artifacts.NotWritable', `the credentials have expired: ${credentials}`],
  CredentialsProviderError: ['Artifacts.NotWritable', `there are no credentials: ${credentials}`],
  RequestTimeTooSkewed: [
    'Artifacts.NotWritable',
    "this machine's clock differs from the service's by too much: set it by NTP",
  ],
  PermanentRedirect: ['Artifacts.NotWritable', wrongRegion],
  AuthorizationHeaderMalformed: ['Artifacts.NotWritable', wrongRegion],
  IllegalLocationConstraintException: ['Artifacts.NotWritable', wrongRegion],
  KeyTooLongError: [
    'Artifacts.BadKey',
    'the key has more than 1024 bytes: shorten artifacts.s3.prefix, or the names that jobs and chains bear',
  ],
  QuotaExceeded: ['Artifacts.Full', full],
  XMinioStorageFull: ['Artifacts.Full', full],
  InsufficientStorage: ['Artifacts.Full', full],
};

/** Node's, where no answer came; the SDK keeps only the words of some errors. */
const noAnswer =
  /\b(E(CONN\w+|NOTFOUND|AI_AGAIN|TIMEDOUT|HOST\w+|NET\w+|PIPE|PROTO)|ERR_(SSL|TLS)_\w+|\w*CERT_\w+|\w+_CERT\w*|UNABLE_TO_\w+)\b/;
/** The SDK's own. */
const noAnswerNames = ['TimeoutError', 'NetworkingError'];

/** True where nothing is stored under a key. A HEAD tells it by the status alone. */
export function isMissingObject(error: unknown): boolean {
  const { name, $metadata } = error as Partial<S3Failure>;
  return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404);
}

/** True where a conditional put found something there already. */
export function isTaken(error: unknown): boolean {
  const { name, $metadata } = error as Partial<S3Failure>;
  const isPrecondition = name === 'PreconditionFailed' || name === 'ConditionalRequestConflict';
  return isPrecondition || $metadata?.httpStatusCode === 412;
}

/** As it answers for a while to who still has what was rotated. */
const refusedCredentials: ReadonlySet<string | undefined> = new Set([
  ...['InvalidAccessKeyId', 'XAdminUserNotFound', 'SignatureDoesNotMatch'],
  ...['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired'],
]);

/** What the SDK calls a refusal without a body, which is all that a HEAD is told. */
const unnamed: ReadonlySet<string | undefined> = new Set(['403', 'Forbidden', 'Unknown']);

/** True where other credentials may help. */
export function isRefusedCredential(error: unknown): boolean {
  const { name, $metadata } = error as Partial<S3Failure>;
  return refusedCredentials.has(name) || (unnamed.has(name) && $metadata?.httpStatusCode === 403);
}

/** Turns an error of the SDK into a sentence with a remedy; leaves every other as it is. */
export function explainS3Error(error: unknown, where: S3Where, attempt: string): unknown {
  if (error instanceof ArtifactError || !types.isNativeError(error)) return error;
  const { name, code = '', $metadata } = error as S3Failure;
  const status = $metadata?.httpStatusCode ?? 0;
  const at = where.endpoint === undefined ? '' : ` at ${where.endpoint}`;
  const told = (kind: ArtifactErrorCode, what: string) =>
    new ArtifactError(
      kind,
      `the artifact store ${where.place}${at} can't be used: could not ${attempt}, ${what}`,
    );
  const known = byName[name];
  if (known !== undefined) return told(known[0], `${known[1]} (${name})`);
  if (name === 'Error' && error.message === 'Region is missing') {
    return told('Artifacts.NotWritable', 'the region is missing: set artifacts.s3.region');
  }
  const silence = noAnswer.exec(`${code} ${status === 0 ? error.message : ''}`)?.[0];
  if (silence !== undefined || noAnswerNames.includes(name)) {
    return told(
      'Artifacts.Unreachable',
      `no answer came (${silence ?? name}): check that the service runs, that artifacts.s3.endpoint or region is right, and that this machine may reach it`,
    );
  }
  const words = redact(error.message, where.secrets).slice(0, 300);
  if (status >= 500 || status === 429 || status === 408) {
    return told(
      'Artifacts.Unreachable',
      `the service is busy or in trouble (${status} ${name}: ${words}): try later`,
    );
  }
  if (status === 401 || status === 403) {
    return told(
      'Artifacts.NotWritable',
      `the access is denied (${name}: ${words}): ${permissions}`,
    );
  }
  if (status >= 300) {
    return told('Artifacts.NotWritable', `the service refused it (${status} ${name}: ${words})`);
  }
  return error;
}
