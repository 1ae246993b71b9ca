import type { LinkisTaskInput } from '../../src/contracts/linkis';
import type { SqlFlowJobInput } from '../../src/contracts/sqlflow';
import { describeMistakes } from '../../src/contracts/findings';
import { jsonBytes } from '../../src/contracts/history-size';
import { validateLinkisAttach, validateLinkisTask } from '../../src/contracts/validate-linkis';
import {
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../../src/contracts/validate-sqlflow';

const file = {
  name: 'etl/load.sql',
  artifact: { uri: 'artifact:inputs/ab', format: 'sql', sizeBytes: 12, sha256: 'ab' },
} as const;
const job: SqlFlowJobInput = { jobName: 'nightly', dbVendor: 'dbvhive', files: [file] };
const task: LinkisTaskInput = { code: 'select 1', engine: 'spark-2.4.3', runType: 'sql' };

function fieldsOf(mistakes: readonly { readonly field: string }[]): string[] {
  return mistakes.map(({ field }) => field);
}

test('sound inputs have no mistakes', () => {
  expect(validateSqlFlowJob(job)).toEqual([]);
  expect(validateSqlFlowPersistJob({ ...job, jobId: 'c359' })).toEqual([]);
  expect(validateLinkisTask(task)).toEqual([]);
  expect(validateLinkisAttach({ taskId: '123' })).toEqual([]);
});

test('every mistake is named at once, each with its field and what to do', () => {
  const mistakes = validateSqlFlowJob({
    jobName: ' ',
    dbVendor: '',
    files: [],
    delimiter: ';;',
    timeoutMs: -5,
    exports: ['xml' as 'json'],
  });
  expect(fieldsOf(mistakes).sort()).toEqual(
    ['dbVendor', 'delimiter', 'exports[0]', 'files', 'jobName', 'timeoutMs'].sort(),
  );
  expect(describeMistakes(mistakes)).toContain('jobName: is blank; give it a readable name');
});

test('an unknown dialect is no mistake, since servers add them', () => {
  expect(validateSqlFlowJob({ ...job, dbVendor: 'dbvnew' })).toEqual([]);
});

test.each([
  [{ ...job, files: [file, file] }, 'files[1]'],
  [{ ...job, files: [{ ...file, artifact: { ...file.artifact, sizeBytes: 0 } }] }, 'files[0]'],
  [{ ...job, onCancel: 'kill' as 'delete' }, 'onCancel'],
])('a wrong field of a SQLFlow job is named', (input, field) => {
  expect(fieldsOf(validateSqlFlowJob(input))).toEqual([field]);
});

test.each([
  [{ ...job, files: 'load.sql' }, 'files'],
  [{ ...job, files: [null] }, 'files[0]'],
  [{ ...job, files: [{ name: 'a.sql' }] }, 'files[0]'],
  [{ ...job, exports: 'csv' }, 'exports'],
  [{ ...job, delimiter: 59 }, 'delimiter'],
  [{ ...job, files: undefined, database: null }, 'database.hostname'],
])('a SQLFlow input of another shape is named, not stumbled over', (input, field) => {
  const fields = fieldsOf(validateSqlFlowJob(input as unknown as SqlFlowJobInput));
  expect(fields).toContain(field);
});

test.each([
  [{ ...task, code: undefined, codeFile: {} }, 'codeFile'],
  [{ ...task, code: undefined, codeFile: 'report.sql' }, 'codeFile'],
  [{ ...task, variables: { n: ['a'] } }, 'variables.n'],
])('a Linkis input of another shape is named, not stumbled over', (input, field) => {
  const fields = fieldsOf(validateLinkisTask(input as unknown as LinkisTaskInput));
  expect(fields).toEqual([field]);
});

test('code that no workflow input can carry is to be staged', () => {
  const [mistake] = validateLinkisTask({ ...task, code: 'x'.repeat(600_000) });
  expect(mistake).toMatchObject({ field: 'code', problem: expect.stringContaining('codeFile') });
});

test('a blank jobId is refused: to the service it means the latest job of the account', () => {
  expect(fieldsOf(validateSqlFlowPersistJob({ ...job, jobId: '  ' }))).toEqual(['jobId']);
});

test('a literal database password is refused without being repeated', () => {
  const mistakes = validateSqlFlowJob({
    jobName: 'db',
    dbVendor: 'dbvmysql',
    database: {
      hostname: 'db.example',
      port: 3306,
      account: 'reader',
      password: 'hunter2' as unknown as { secret: string },
    },
  });
  expect(fieldsOf(mistakes)).toEqual(['database.password']);
  expect(describeMistakes(mistakes)).not.toContain('hunter2');
});

test('literals in fields that hold secrets are refused, references are taken', () => {
  const literal = { 'jdbc.password': 'hunter2', 'jdbc.url': 'jdbc:mysql://db' };
  expect(fieldsOf(validateLinkisTask({ ...task, runtime: literal }))).toEqual([
    'runtime.jdbc.password',
  ]);
  const reference = { 'jdbc.password': { secret: 'DB_PASSWORD' } };
  expect(validateLinkisTask({ ...task, runtime: reference })).toEqual([]);
});

test.each([
  [{ ...task, code: '' }, 'code'],
  [{ ...task, codeFile: file }, 'code'],
  [{ ...task, engine: 'spark' }, 'engine'],
  [{ ...task, source: { a: 1 as unknown as string } }, 'source.a'],
  [{ ...task, labels: { userCreator: 'me-IDE' } }, 'labels.userCreator'],
  [{ ...task, creator: 'LINKISCLI' }, 'creator'],
  [{ ...task, creator: 'my-app' }, 'creator'],
  [{ ...task, timeoutMs: Number.NaN }, 'timeoutMs'],
])('a wrong field of a Linkis task is named', (input, field) => {
  expect(fieldsOf(validateLinkisTask(input))).toEqual([field]);
});

test.each(['', 'abc', '12a'])('taskId "%s" is refused', (taskId) => {
  expect(fieldsOf(validateLinkisAttach({ taskId }))).toEqual(['taskId']);
});

test('more files than a history can list are refused, with the way out', () => {
  const files = Array.from({ length: 20_000 }, (_, index) => ({ ...file, name: `f${index}.sql` }));
  const mistakes = validateSqlFlowJob({ ...job, files });
  expect(fieldsOf(mistakes)).toEqual(['files']);
  expect(describeMistakes(mistakes)).toContain('one zip');
});

test.each(['plain', 'é', '漢字', '😀', '\ud800', 'a"\n'])(
  'the size of %j is that of its UTF-8 JSON',
  (text) => {
    expect(jsonBytes({ text })).toBe(Buffer.byteLength(JSON.stringify({ text })));
  },
);
