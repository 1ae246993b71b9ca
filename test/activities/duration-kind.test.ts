import { durationKind } from '../../activities/linkis/duration-kind';
import { durationKind as sqlflowKind, keyedJobName } from '../../activities/sqlflow/job-name';

const task = {
  engine: 'spark-2.4.3',
  runType: 'sql',
  code: "select * from t where d = '2026-01-31'",
};

test('runs of one task that differ by a date are of one kind, other code and engines of another', () => {
  const kind = durationKind(task);
  expect(durationKind({ ...task, code: task.code.replace('01-31', '02-01') })).toBe(kind);
  expect(durationKind({ ...task, code: `${task.code} and x = 1` })).not.toBe(kind);
  expect(durationKind({ ...task, engine: 'hive-2.3.3' })).not.toBe(kind);
  expect(kind).not.toContain('select');
});

test('jobs of one readable name are of one kind, whatever their keys and the days in the name', () => {
  const owner = { installation: 'prod', namespace: 'default', workflowId: 'w', persist: false };
  const named = (name: string, key: string) =>
    sqlflowKind(keyedJobName(name, { ...owner, key }), 'prod');
  const kind = named('nightly-2026-01-31', '1f0c2d3e-4a5b-4c6d-8e7f-901234567890');
  expect(named('nightly-2026-02-01', '2f0c2d3e-4a5b-4c6d-8e7f-901234567890')).toBe(kind);
  expect(named('weekly-2026-02-01', '2f0c2d3e-4a5b-4c6d-8e7f-901234567890')).not.toBe(kind);
  expect(sqlflowKind("somebody's job 7", 'prod')).toBe("somebody's job 0");
});
