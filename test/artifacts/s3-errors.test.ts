import { ArtifactError } from '../../src/artifacts/errors';
import { explainS3Error } from '../../src/artifacts/s3-errors';
import { S3ArtifactStore } from '../../src/artifacts/s3-store';
import { noAbort } from './support';

// As it is where the optional peers aren't installed.
jest.mock('@aws-sdk/client-s3', () => {
  throw Object.assign(new Error("Cannot find module '@aws-sdk/client-s3'"), {
    code: 'MODULE_NOT_FOUND',
  });
});

const where = { place: 's3://dw/prod', secrets: ['AKIA-the-key', 'the-secret'] };

function failure(name: string, httpStatusCode: number, message = 'words of the service'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

function explained(error: unknown, endpoint?: string): ArtifactError {
  const told = explainS3Error(error, { ...where, endpoint }, 'read k');
  if (!(told instanceof ArtifactError)) throw new Error('it was not explained');
  return told;
}

it.each([
  ['NoSuchBucket', 404, 'Artifacts.NotWritable', 'artifacts.s3.bucket'],
  ['AccessDenied', 403, 'Artifacts.NotWritable', 's3:PutObject'],
  ['Unheard', 403, 'Artifacts.NotWritable', 's3:ListBucket'],
  ['InvalidAccessKeyId', 403, 'Artifacts.NotWritable', 'artifacts.s3.accessKeyId'],
  ['SignatureDoesNotMatch', 403, 'Artifacts.NotWritable', 'secretAccessKey'],
  ['ExpiredToken', 400, 'Artifacts.NotWritable', 'expired'],
  ['CredentialsProviderError', 0, 'Artifacts.NotWritable', 'AWS_ACCESS_KEY_ID'],
  ['RequestTimeTooSkewed', 403, 'Artifacts.NotWritable', 'clock'],
  ['PermanentRedirect', 301, 'Artifacts.NotWritable', 'artifacts.s3.region'],
  ['AuthorizationHeaderMalformed', 400, 'Artifacts.NotWritable', 'artifacts.s3.region'],
  ['KeyTooLongError', 400, 'Artifacts.BadKey', '1024'],
  ['QuotaExceeded', 403, 'Artifacts.Full', 'quota'],
  ['SlowDown', 503, 'Artifacts.Unreachable', 'try later'],
  ['InternalError', 500, 'Artifacts.Unreachable', 'try later'],
  ['TooManyRequests', 429, 'Artifacts.Unreachable', 'try later'],
  ['TimeoutError', 0, 'Artifacts.Unreachable', 'no answer'],
  ['Teapot', 418, 'Artifacts.NotWritable', 'words of the service'],
])('tells %s (%d) with a remedy, and whether a repeat may help', (name, status, code, words) => {
  const error = explained(failure(name, status));
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
  expect(error.message).toContain('s3://dw/prod');
});

it.each([
  ['refused', Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' })],
  ['told in words only', new Error('AWS SDK error wrapper for Error: getaddrinfo ENOTFOUND minio')],
  [
    'not trusted',
    Object.assign(new Error('no chain'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
  ],
])('takes what came without an answer for a service out of reach: %s', (_, error) => {
  const told = explained(error, 'https://minio:9000');
  expect(told.code).toBe('Artifacts.Unreachable');
  expect(told.message).toContain('https://minio:9000');
});

it('keeps credentials out of the words of the service', () => {
  const said = failure('Odd', 400, 'AKIA-the-key may not sign with the-secret');
  expect(explained(said).message).not.toMatch(/AKIA-the-key|the-secret/);
});

it('leaves errors alone that are not the service’s', () => {
  const own = new RangeError('a bug');
  expect(explainS3Error(own, where, 'read k')).toBe(own);
});

it('names the install command where the AWS SDK is missing, each time anew', async () => {
  const store = new S3ArtifactStore({ bucket: 'dw' });
  for (let time = 0; time < 2; time += 1) {
    await expect(store.list('', noAbort)).rejects.toMatchObject({
      code: 'Artifacts.NotWritable',
      message: expect.stringContaining('npm install @aws-sdk/client-s3 @aws-sdk/lib-storage'),
    });
  }
});
