import { checked, mistakes, sqlFolder, task, withSteps } from './support';

let files: Awaited<ReturnType<typeof sqlFolder>>;
beforeAll(async () => {
  files = await sqlFolder();
});
afterAll(() => files.close());

test('a right pipeline becomes plain data, its durations in milliseconds', async () => {
  const text = withSteps(
    `
load: { ${task}, retry: { maxAttempts: 3, wait: 30s }, timeout: 2h }
lineage:
  chain: { name: nightly, files: [a.sql], dbvendor: hive, gate: { protect: ['mart.*'], approveWithin: 1h } }
  needs: load
  when: always`,
    'timeout: 6h\nmaxParallel: 2\nparams: { day: { type: date } }\n',
  );
  const { definition, mistakes: found } = await checked(text, files.folder);
  expect(found).toEqual([]);
  expect(definition).toEqual(JSON.parse(JSON.stringify(definition)));
  expect(definition).toMatchObject({
    name: 'etl',
    timeZone: 'UTC',
    maxParallel: 2,
    timeoutMs: 6 * 3600_000,
    params: { day: { type: 'date' } },
    steps: [
      {
        name: 'load',
        kind: 'linkis',
        needs: [],
        when: 'success',
        retry: { maxAttempts: 3, initialMs: 30_000, factor: 2, mostMs: 300_000 },
        timeoutMs: 7200_000,
      },
      { name: 'lineage', kind: 'chain', needs: ['load'], when: 'always' },
    ],
  });
});

test('JSON is read as YAML is', async () => {
  const step = { linkis: { code: 'select 1', engine: 'spark-2.4.3', runType: 'sql' } };
  expect(await mistakes(JSON.stringify({ name: 'etl', steps: { load: step } }))).toEqual([]);
});

test.each([
  [
    'names a step that is not there',
    `load: { ${task}, needs: [lod] }\nloading: { ${task} }`,
    ['etl.yaml:3:82: steps.load.needs[0] names "lod", which is no step; did you mean "load"?'],
  ],
  [
    'needs itself',
    `load: { ${task}, needs: [load] }`,
    ['etl.yaml:3:82: steps.load.needs[0] is the step itself; leave it out'],
  ],
  [
    'needs a step twice',
    `a: { ${task} }\nb: { ${task}, needs: [a, a] }`,
    ['etl.yaml:4:82: steps.b.needs[1] names "a" again; once is enough'],
  ],
  [
    'runs after a failure of nothing',
    `a: { ${task}, when: failure }`,
    [
      'etl.yaml:3:77: steps.a.when is "failure", but the step needs no other, so it would never run; name steps in needs',
    ],
  ],
  [
    'does nothing',
    'a: { needs: [] }',
    ['etl.yaml:3:3: steps.a does nothing: give one of linkis, sqlflow, chain, approval'],
  ],
  [
    'is two things',
    `a: { ${task}, approval: { message: go } }`,
    ['etl.yaml:3:3: steps.a is both linkis and approval; make two steps of it'],
  ],
  [
    'has a bad duration',
    `a: { ${task}, timeout: 2 hours }`,
    ['etl.yaml:3:80: steps.a.timeout is "2 hours": give a duration such as 2h'],
  ],
  [
    'mistypes a setting',
    'a: { linkis: { code: select 1, engin: spark-2.4.3, runType: sql } }',
    ['etl.yaml:3:34: steps.a.linkis.engin is no setting: did you mean "engine"?'],
  ],
  [
    'holds neither code nor a file',
    'a: { linkis: { engine: spark-2.4.3, runType: sql } }',
    ['etl.yaml:3:8: steps.a.linkis.code is missing; give the code to run'],
  ],
  [
    'holds a secret',
    'a: { linkis: { code: select 1, engine: jdbc-4, runType: jdbc, runtime: { jdbc.password: x } } }',
    [
      'etl.yaml:3:65: steps.a.linkis.runtime.jdbc.password is a literal; give { secret: NAME } and configure NAME on the worker',
    ],
  ],
  [
    'names a file that is not there',
    'a: { linkis: { file: b.sql, engine: spark-2.4.3, runType: sql } }',
    [
      expect.stringMatching(
        /^etl\.yaml:3:24: steps\.a\.linkis\.file "b\.sql" isn't there, seen from /,
      ),
    ],
  ],
  [
    'names a glob that finds nothing',
    "a: { sqlflow: { files: ['*.hql'], dbvendor: hive } }",
    [
      expect.stringMatching(
        /^etl\.yaml:3:27: steps\.a\.sqlflow\.files\[0\] "\*\.hql" finds no file/,
      ),
    ],
  ],
])('a step that %s is named at its place', async (_, steps, expected) => {
  const found = await mistakes(withSteps(steps), files.folder);
  expect(found).toEqual(expected);
});

test('a mistake points at its line and column', async () => {
  const text = 'name: etl\nsteps:\n  load:\n    linkis:\n      code: select 1\n      engine: 7\n';
  expect(await mistakes(text)).toEqual([
    'etl.yaml:4:5: steps.load.linkis.runType is missing: give the kind of code, such as sql, hql or py',
    'etl.yaml:6:15: steps.load.linkis.engine must be a text, not a number: put it in quotes',
  ]);
});

test('a circle is named whole, once', async () => {
  const steps = `a: { ${task}, needs: [c] }\nb: { ${task}, needs: [a] }\nc: { ${task}, needs: [b] }`;
  expect(await mistakes(withSteps(steps))).toEqual([
    expect.stringContaining(
      'steps.a.needs go round in a circle, so none of them can begin: a → c → b → a',
    ),
  ]);
});

test.each([
  [
    '{{params.dya}}',
    'holds {{params.dya}}, and there is no such parameter; did you mean {{params.day}}?',
  ],
  [
    '{{params.limit | yyyy}}',
    'holds {{params.limit | yyyy}}, but limit is a number: offsets and formats are for dates',
  ],
  [
    '{{steps.lod.taskId}}',
    'holds {{steps.lod.taskId}}, and there is no step "lod"; did you mean "load"?',
  ],
  [
    '{{steps.load.taskID}}',
    'holds {{steps.load.taskID}}, and a linkis step has no such output; did you mean "taskId"?',
  ],
  [
    '{{steps.apart.taskId}}',
    `holds {{steps.apart.taskId}}, but doesn't wait for "apart"; add it to the step's needs`,
  ],
  [
    '{{steps.load}}',
    'holds {{steps.load}}, which names no output; write {{steps.NAME.OUTPUT}}, such as {{steps.load.taskId}}',
  ],
  [
    '{{now}}',
    'holds {{now}}, which is no expression; there are {{params.NAME}}, {{scheduledTime}}, {{scheduledDate}} and {{steps.NAME.OUTPUT}} ("{{{{" stands for two plain braces)',
  ],
  [
    '{{params.day',
    'holds "{{" without its "}}"; close the variable, or write "{{{{" for two plain braces',
  ],
])('the expression %s is refused', async (expression, problem) => {
  const text = withSteps(
    `
load: { ${task} }
apart: { ${task} }
use:
  linkis: { code: "select ${expression}", engine: spark-2.4.3, runType: sql }
  needs: [load]`,
    'params: { day: { type: date }, limit: { type: number } }\n',
  );
  expect(await mistakes(text)).toEqual([
    expect.stringContaining(`steps.use.linkis.code ${problem}`),
  ]);
});

test('expressions of parameters, times and all that was waited for are right', async () => {
  const text = withSteps(
    `
load: { ${task} }
between: { ${task}, needs: [load] }
use:
  linkis:
    code: "{{params.day -1d | yyyyMMdd}} {{params.limit}} {{scheduledTime}} {{steps.load.result}} {{{{"
    engine: "{{params.engine}}"
    runType: sql
  needs: [between]`,
    'params: { day: { type: date }, limit: { type: number }, engine: { type: string } }\n',
  );
  expect(await mistakes(text)).toEqual([]);
});

test('paths read no outputs, since files are staged first', async () => {
  const text = withSteps(
    `load: { ${task} }\nuse: { sqlflow: { files: ['{{steps.load.result}}'], dbvendor: hive }, needs: [load] }`,
  );
  expect(await mistakes(text)).toEqual([
    expect.stringContaining('but files are staged before any step runs'),
  ]);
});

test('parameters whose defaults or choices are not of their type are named', async () => {
  const params = `params:
  limit: { type: number, default: ten }
  mode: { type: string, enum: [full, delta], default: ful }
  day: { type: date, default: '{{params.limit}}' }
  b: { type: bool }
`;
  expect(await mistakes(withSteps(`a: { ${task} }`, params))).toEqual([
    expect.stringContaining('params.limit.default is "ten"; give a number'),
    expect.stringContaining('only full, delta are allowed; did you mean "full"?'),
    expect.stringContaining('a default reads no other parameter'),
    expect.stringContaining(
      'params.b.type must be one of string, number, boolean, date, not "bool"',
    ),
  ]);
});

test('a connection that is not configured, or must be named, is told', async () => {
  const steps = `
one: { linkis: { connection: prodd, code: select 1, engine: spark-2.4.3, runType: sql } }
two: { sqlflow: { files: [a.sql], dbvendor: hive } }`;
  const names = { linkis: ['prod', 'test'], sqlflow: ['a', 'b'] };
  expect(await mistakes(withSteps(steps), files.folder, names)).toEqual([
    expect.stringContaining('is "prodd", which is no linkis connection; did you mean "prod"?'),
    expect.stringContaining('steps.two.sqlflow names no connection, and there are several: a, b'),
  ]);
});

test('a step with a mistake is still a step to the others', async () => {
  const text = withSteps(`load: { linkis: { cod: x } }\nb: { ${task}, needs: [load] }`);
  for (const line of await mistakes(text)) expect(line).toContain('steps.load');
});

test('a refresh names its files; whether they are there is asked only where a folder is given', async () => {
  const steps = `
none: { chain: { name: a, dbvendor: hive } }
gone: { chain: { name: a, dbvendor: hive, files: [gone.sql] } }`;
  const none = expect.stringContaining('steps.none.chain names no files; give files');
  const gone = expect.stringContaining('steps.gone.chain.files[0] "gone.sql" finds no file');
  expect(await mistakes(withSteps(steps), files.folder)).toEqual([none, gone]);
  expect(await mistakes(withSteps(steps), undefined)).toEqual([none]);
});

test('text that is no pipeline is told in a sentence', async () => {
  expect(await mistakes('')).toEqual([expect.stringContaining('the file must be a pipeline')]);
  expect(await mistakes('name: [')).toEqual([expect.stringContaining('is no YAML')]);
  expect(await mistakes('name: a\nname: b\nsteps: {}')).toEqual([
    expect.stringContaining('is no YAML'),
  ]);
  expect(await mistakes('a: &a [*a]')).toContainEqual(expect.stringContaining('a is no setting'));
});

test('five thousand steps in a row are checked, and more are too many', async () => {
  const chain = (count: number) =>
    withSteps(
      Array.from({ length: count }, (_, index) =>
        index === 0 ? `s0: { ${task} }` : `s${index}: { ${task}, needs: [s${index - 1}] }`,
      ).join('\n'),
    );
  expect(await mistakes(chain(5000))).toEqual([]);
  expect(await mistakes(chain(5001))).toEqual([
    expect.stringContaining('steps are 5001, and a pipeline has at most 5000'),
  ]);
});

test('anchors and aliases are read; merge keys and names that are no plain letters are refused', async () => {
  const aliased = `a: { ${task}, retry: &usual 3 }\nb: { ${task}, retry: *usual }`;
  expect(await mistakes(withSteps(aliased))).toEqual([]);
  const merged = `a: &usual\n  ${task}\nb:\n  <<: *usual`;
  expect((await mistakes(withSteps(merged))).join()).toContain('steps.b.<< is no setting');
  const [named] = await mistakes(withSteps(`装载: { ${task} }`));
  expect(named).toContain('begin with a letter');
});
