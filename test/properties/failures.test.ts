import fc from 'fast-check';
import { ApplicationFailure } from '@temporalio/common';
import { toFailure } from '../../activities/failure';
import {
  HttpError,
  IncompleteError,
  InputError,
  VendorError,
  WireError,
} from '../../src/clients/http/errors';
import { json, text } from './generated';
import { expectFailure } from './outcome';

const endpoint = 'POST /x';
const long = fc.oneof(
  text,
  fc
    .tuple(text, fc.nat({ max: 5000 }))
    .map(([words, count]) => (words || 'x').repeat(count).slice(0, 20_000)),
);
const attempt = fc.integer({ min: 1, max: 20 });
const whole = (words: string) => words;
const request = { method: 'POST', url: 'http://127.0.0.1:1/x', fields: [] };
const kinds = ['auth', 'licence', 'busy', 'notFound', 'refused', 'server'] as const;

const ours = fc.oneof(
  long.map((words) => new InputError('field', words)),
  long.map((words) => new IncompleteError(words, words)),
  long.map((words) => new WireError({ endpoint, field: words, expected: words, found: words })),
  fc
    .record({
      status: fc.integer({ min: 100, max: 999 }),
      words: long,
      after: fc.option(fc.double({ noNaN: true })),
    })
    .map(
      ({ status, words, after }) =>
        new HttpError({
          endpoint,
          status,
          serviceMessage: words,
          request,
          retryAfterMs: after ?? undefined,
        }),
    ),
  fc
    .record({ kind: fc.constantFrom(...kinds), words: long, code: fc.oneof(fc.integer(), text) })
    .map(
      ({ kind, words, code }) =>
        new VendorError({
          endpoint,
          kind,
          vendorCode: code,
          serviceMessage: words,
          httpStatus: 200,
        }),
    ),
);

test('every error of ours becomes a failure of a known type, of at most 1 KB', () => {
  fc.assert(
    fc.property(ours, attempt, (error, number) => {
      const failure = toFailure(error, number, whole);
      expectFailure(failure);
      const { nextRetryDelay } = failure as ApplicationFailure;
      // 0 would end the activity for good.
      if (nextRetryDelay !== undefined && nextRetryDelay !== null) {
        expect(nextRetryDelay).toBeGreaterThanOrEqual(1000);
        expect(nextRetryDelay).toBeLessThanOrEqual(15 * 60_000);
      }
    }),
  );
});

const thrown = fc.oneof(
  json,
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  fc.constantFrom(Symbol('s'), undefined, () => 1),
  fc
    .record({
      message: fc.anything({ withNullPrototype: true }),
      name: fc.oneof(long, fc.anything()),
    })
    .map((fields) => {
      const error = new Error();
      for (const [key, value] of Object.entries(fields))
        Object.defineProperty(error, key, { value });
      return error;
    }),
);

test('whatever is thrown becomes a failure with a plain name for its type, of at most 1 KB', () => {
  fc.assert(
    fc.property(thrown, attempt, (error, number) => {
      const failure = toFailure(error, number, whole);
      if (!(failure instanceof ApplicationFailure)) throw failure;
      expect(failure.type).toMatch(/^\w{1,50}$/);
      expect(Buffer.byteLength(failure.message)).toBeLessThanOrEqual(1024);
      // The stack travels too, and what is too large for both loses its type.
      expect(Buffer.byteLength(failure.stack ?? '')).toBeLessThanOrEqual(1100);
      expect(failure.cause).toBeUndefined();
    }),
  );
});

test('a long message in Chinese keeps its type, since bytes count, and is cut between characters', () => {
  const failure = toFailure(new InputError('code', '语'.repeat(2000)), 1, whole);
  expect(Buffer.byteLength(failure.message)).toBeLessThanOrEqual(1000);
  expect(failure.message).toMatch(/^code 语+$/);
});
