import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { definiteFailure, handedOver, invalidInput, toFailure } from '../../activities/failure';
import { ArtifactError, ArtifactNotFoundError } from '../../src/artifacts/errors';
import { StagingError } from '../../src/artifacts/staging';
import { TableError } from '../../src/artifacts/table-error';
import {
  HttpError,
  IncompleteError,
  InputError,
  TransportError,
  VendorError,
  WireError,
  type VendorErrorKind,
} from '../../src/clients/http/errors';
import { ConfigurationError } from '../../src/config/errors';
import { LineageError } from '../../src/lineage/errors';

const endpoint = 'POST /sqlflow/job/submitUserJob';
const request = { method: 'POST', url: 'http://127.0.0.1:1/x', fields: ['token'] };

function http(status: number, retryAfterMs?: number) {
  return new HttpError({ endpoint, status, serviceMessage: 'no', request, retryAfterMs });
}

function vendor(kind: VendorErrorKind) {
  return new VendorError({ endpoint, kind, vendorCode: 1, serviceMessage: 'no', httpStatus: 200 });
}

const transport = new TransportError({
  ...{ code: 'Transport.Reset', message: 'lost the connection', endpoint, sent: 'maybe' },
  ...{ phase: 'headers', reason: 'ECONNRESET', request },
});
const wire = new WireError({ endpoint, field: 'data.jobId', expected: 'a text', found: 'missing' });

/** For the titles: an error prints itself with its stack. */
function named(table: readonly (readonly [error: unknown, type: string])[]) {
  return table.map(([error, type]) => [String(error), error, type] as const);
}

const whole = (text: string) => text;

function failed(error: unknown, attempt = 1, redact = whole): ApplicationFailure {
  const failure = toFailure(error, attempt, redact);
  if (!(failure instanceof ApplicationFailure)) throw failure;
  return failure;
}

test.each(
  named([
    [new InputError('jobName', 'must not be blank'), 'RemoteJob.InvalidInput'],
    [
      new StagingError([{ field: 'files', value: 'a', message: 'a is missing' }]),
      'RemoteJob.InvalidInput',
    ],
    [new ArtifactError('Artifacts.BadKey', 'a key that climbs'), 'RemoteJob.InvalidInput'],
    [new ConfigurationError(['no such connection']), 'RemoteJob.Configuration'],
    [new ArtifactNotFoundError('artifact:gone'), 'RemoteJob.Configuration'],

    [new TableError('Table.RowWidth', 'a row too wide'), 'RemoteJob.IncompleteResult'],
    [new IncompleteError('SqlFlow.SummaryOnly', 'counts only'), 'RemoteJob.IncompleteResult'],
    [new LineageError('Lineage.NotLineage', 'something else'), 'RemoteJob.IncompleteResult'],
    [new LineageError('Lineage.TooLarge', 'too many edges'), 'RemoteJob.TooLarge'],
    [new IncompleteError('Linkis.DisplayProhibited', 'withheld'), 'RemoteJob.IncompleteResult'],
    [vendor('auth'), 'Service.NotLoggedIn'],
    [vendor('licence'), 'Service.Refused'],
    [vendor('notFound'), 'RemoteJob.NotFound'],
    [vendor('refused'), 'Service.Rejected'],
    [http(400), 'Service.Rejected'],
    [http(413), 'Service.Rejected'],
    [http(401), 'Service.NotLoggedIn'],
    [http(403), 'Service.NotLoggedIn'],
  ]),
)('%s is not retried', (_, error, type) => {
  expect(failed(error)).toMatchObject({ type, nonRetryable: true });
});

test.each(
  named([
    [transport, 'Service.Unreachable'],
    [http(500), 'Service.Unreachable'],
    [http(502), 'Service.Unreachable'],
    [http(504), 'Service.Unreachable'],
    [http(429), 'Service.Busy'],
    [http(503), 'Service.Busy'],
    [vendor('busy'), 'Service.Busy'],
    [new ArtifactError('Artifacts.Full', 'no space'), 'Artifacts.Full'],
  ]),
)('%s is retried, however often', (_, error, type) => {
  expect(failed(error)).toMatchObject({ type, nonRetryable: false });
  expect(failed(error, 1000)).toMatchObject({ type, nonRetryable: false });
});

test.each(
  named([
    [wire, 'Service.UnexpectedAnswer'],
    [vendor('server'), 'Service.UnexpectedAnswer'],
    [new IncompleteError('SqlFlow.Truncated', 'cut'), 'RemoteJob.IncompleteResult'],
    [new IncompleteError('Linkis.RowsMissing', 'cut'), 'RemoteJob.IncompleteResult'],
    [new IncompleteError('Linkis.ColumnsChanged', 'replaced'), 'RemoteJob.IncompleteResult'],
    [new ArtifactError('Artifacts.PartGone', 'a part is gone'), 'RemoteJob.IncompleteResult'],
    [new ArtifactError('Artifacts.LogGap', 'a gap'), 'Artifacts.LogGap'],
    [new RangeError('a mistake of ours'), 'RangeError'],
    ['a text that somebody threw', 'Error'],
  ]),
)('%s is retried ten times, then believed', (_, error, type) => {
  expect(failed(error, 9)).toMatchObject({ type, nonRetryable: false });
  expect(failed(error, 10)).toMatchObject({ type, nonRetryable: true });
});

test('a store that somebody has to mend is tried for about an hour, then believed', () => {
  const error = new ArtifactError('Artifacts.NotWritable', 'a read-only folder');
  const type = 'RemoteJob.Configuration';
  expect(failed(error, 69)).toMatchObject({ type, nonRetryable: false });
  expect(failed(error, 70)).toMatchObject({ type, nonRetryable: true });
});

test('the service says when to come back, within a second and a quarter of an hour', () => {
  const delays = [undefined, 0, 5000, 3_600_000].map((ms) => failed(http(429, ms)).nextRetryDelay);
  expect(delays).toEqual([undefined, 1000, 5000, 15 * 60_000]);
});

test('a message is at most 1,000 characters, redacted before it is cut', () => {
  const canary = 'canary-secret';
  const error = new RangeError('x'.repeat(995) + canary);
  const failure = failed(error, 1, (text) => text.replaceAll(canary, '[redacted]'));
  expect(failure.message).toHaveLength(1000);
  expect(failure.message).not.toContain('canary');
  for (const other of [
    invalidInput('y'.repeat(3000)),
    definiteFailure('RemoteJob.Failed', 'z'.repeat(3000)),
  ]) {
    expect(other.message).toHaveLength(1000);
  }
});

test('no failure carries a stack, a cause or a field of the error it comes from', () => {
  const errors = [transport, http(500), new RangeError('a mistake of ours'), invalidInput('blank')];
  for (const error of errors) {
    const failure = failed(error);
    expect(failure.stack).toBe(`ApplicationFailure: ${failure.message}`);
    expect(failure.cause).toBeUndefined();
    expect(Object.keys(failure)).not.toContain('request');
  }
  expect(handedOver().stack).not.toContain(__filename);
});

test('what a submit knows of its request becomes the details', () => {
  const failure = toFailure(transport, 1, whole, { submitted: 'maybe' }) as ApplicationFailure;
  expect(failure.details).toEqual([{ submitted: 'maybe' }]);
  expect(failed(transport).details).toEqual([]);
});

test("Temporal's own failures stay what they are", () => {
  const cancelled = new CancelledFailure('cancelled');
  expect(toFailure(cancelled, 1, whole)).toBe(cancelled);
  const own = definiteFailure('RemoteJob.NotFound', 'gone');
  expect(toFailure(own, 1, whole)).toBe(own);
});
