import fc from 'fast-check';
import { plainRow } from '../../../src/clients/sqlflow/plain-row';
import { readJobAt } from '../../../src/clients/sqlflow/wire';

const read = (row: object) => readJobAt({ endpoint: 'e', warnings: [] }, row, 'data');

const text = fc.option(fc.string({ maxLength: 40 }), { nil: null });
const flag = fc.option(fc.boolean(), { nil: null });
const word = fc.string({ minLength: 1, maxLength: 40 }).map((some) => `a${some}`);
const rows = fc.record(
  {
    jobId: word,
    status: word,
    jobName: text,
    dbVendor: text,
    dbvendor: text,
    createTime: text,
    sessionId: text,
    executeTime: text,
    lastExecuteTime: text,
    errorMessage: text,
    persist: flag,
    incremental: flag,
    fileNames: fc.option(fc.array(fc.string()), { nil: null }),
    subJobs: fc.option(fc.array(fc.anything()), { nil: null }),
    moreThanIsKnown: fc.anything(),
  },
  { requiredKeys: ['jobId', 'status'] },
);

test('a row that is read without the schema is read as the schema would', () => {
  fc.assert(
    fc.property(rows, (row) => {
      expect(plainRow(row)).toBeDefined();
      // A number for a text is for the schema alone, which makes it one.
      expect(read(row)).toEqual({ ...read({ ...row, jobId: 7 }), jobId: row.jobId });
    }),
  );
});

test.each([
  null,
  'row',
  [],
  {},
  { jobId: ' ', status: 'success' },
  { jobId: 'a', status: 1 },
  { jobId: 'a'.repeat(201), status: 'success' },
  { jobId: 'a', status: 'success', persist: 'true' },
  { jobId: 'a', status: 'success', fileNames: [1] },
  { jobId: 'a', status: 'success', subJobs: {} },
  { jobId: 'a', status: 'success', jobName: 5 },
])('%j is left to the schema', (row) => {
  expect(plainRow(row)).toBeUndefined();
});
