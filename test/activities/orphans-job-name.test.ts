import {
  bearsKey,
  keyedJobName,
  ownerMark,
  readMark,
  shortKeyOf,
} from '../../activities/sqlflow/job-name';

const key = '1f0c2d3e-4a5b-4c6d-8e7f-901234567890';
const owner = { installation: 'prod', namespace: 'default', workflowId: 'nightly/1' };
const name = (more = {}) => keyedJobName('daily', { ...owner, key, persist: false, ...more });

test('a name bears the key and the owner, readable by whoever knows the installation', () => {
  const { scope, workflow } = ownerMark(owner);
  expect(name()).toBe(`daily--prod-1f0c2d3e4a5b${scope}${workflow}`);
  expect(scope + workflow).toMatch(/^[0-9a-f]{12}$/);
  expect(readMark(name(), 'prod')).toEqual({
    shortKey: shortKeyOf(key),
    owner: { scope, workflow },
    persist: false,
  });
  expect(readMark(name({ persist: true }), 'prod')).toMatchObject({ persist: true });
});

test('the key alone finds a job, whoever its owner is, and also under a name without an owner', () => {
  expect(bearsKey(name(), 'prod', key)).toBe(true);
  expect(bearsKey(name({ workflowId: 'another', persist: true }), 'prod', key)).toBe(true);
  expect(bearsKey('daily--prod-1f0c2d3e4a5b', 'prod', key)).toBe(true);
  expect(bearsKey('daily--prod-1f0c2d3e4a5c', 'prod', key)).toBe(false);
  expect(bearsKey(name(), 'test', key)).toBe(false);
  const own = 'order_42';
  expect(bearsKey(name({ key: own }), 'prod', own)).toBe(true);
  expect(bearsKey(name({ key: own }), 'prod', 'order_4')).toBe(false);
});

test('a name without an owner is known as such', () => {
  const mark = readMark('daily--prod-1f0c2d3e4a5b', 'prod');
  expect(mark).toEqual({ shortKey: '1f0c2d3e4a5b', persist: false });
});

test('another namespace, another workflow and another installation each leave another mark', () => {
  const marks = [
    owner,
    { ...owner, namespace: 'etl' },
    { ...owner, workflowId: 'nightly/2' },
    { ...owner, installation: 'x--prod' },
  ].map((one) => JSON.stringify(ownerMark(one)));
  expect(new Set(marks).size).toBe(4);
});

test('a longer installation that ends alike is told apart by its scope', () => {
  const other = name({ installation: 'x--prod' });
  expect(readMark(other, 'prod')?.owner?.scope).not.toBe(ownerMark(owner).scope);
});

test.each(['daily', 'daily--prod', 'daily--prod-', 'daily-prod-1f0c2d3e4a5b', ''])(
  '%j bears no mark',
  (jobName) => expect(readMark(jobName, 'prod')).toBeUndefined(),
);
