import { ApplicationFailure } from '@temporalio/common';
import { toFailure } from '../../activities/failure';
import { RemoteServiceError } from '../../src/clients/http/errors';
import { failureTypes } from '../../src/contracts/failure-types';

/** What a call came to: a value, or one of the errors that its docstring names. */
export type Outcome<T> = { readonly value: T } | { readonly error: RemoteServiceError };

const code =
  /^(Transport\.\w+|Http\.\d{3}|Vendor\.\w+|Wire\.UnexpectedShape|Input\.Invalid|Result\.Incomplete)$/;

/** Fails the test for any other error, such as a TypeError, and for one that history couldn't hold. */
export async function outcomeOf<T>(work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof RemoteServiceError)) throw error;
    expect(error.code).toMatch(code);
    expectFailure(toFailure(error, 1, (text) => text));
    return { error };
  }
}

const known: readonly string[] = Object.values(failureTypes);

/** 1 KB: longer ones lose their type and details between attempts. */
export function expectFailure(failure: Error): void {
  if (!(failure instanceof ApplicationFailure)) throw failure;
  expect(known).toContain(failure.type);
  expect(Buffer.byteLength(failure.message)).toBeLessThanOrEqual(1024);
}
