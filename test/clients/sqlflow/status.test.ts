import { knownDbVendors, sqlflowStatus } from '../../../src/clients/sqlflow/public';

it.each([
  ['create', 'queued'],
  ['process', 'running'],
  ['success', 'succeeded'],
  ['partial_success', 'partiallySucceeded'],
  ['fail', 'failed'],
  ['delete', 'deleted'],
  ['SUCCESS', 'succeeded'],
  [' Partial_Success ', 'partiallySucceeded'],
  ['successful', 'unknown'],
  ['', 'unknown'],
])('status %j is %s', (word, kind) => {
  expect(sqlflowStatus(word)).toBe(kind);
});

it('knows the documented dialects and those seen in the vendor’s clients', () => {
  expect(knownDbVendors.size).toBe(26);
  for (const name of ['dbvoracle', 'dbvsparksql', 'dbvdatabricks']) {
    expect(knownDbVendors.has(name)).toBe(true);
  }
  expect(knownDbVendors.has('oracle')).toBe(false);
});
