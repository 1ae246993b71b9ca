import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/config/load';
import { defaultLimits } from '../../src/contracts/limits';
import { folderWith, problemsOf } from './support';

const good = `
connections:
  lineage:
    type: sqlflow
    url: https://api.example.com/gspLive_backend
    userId: google-oauth2|1
    secretKey: { env: SQLFLOW_SECRET_KEY }
`;

function load(text: string, env: Record<string, string> = {}) {
  return loadConfig({ env, cwd: folderWith({ 'remote-jobs.yaml': text }) });
}

describe('the file', () => {
  it('may say everything', () => {
    const cwd = path.join(__dirname, '../../examples');
    const config = loadConfig({ env: {}, cwd });
    expect(config).toEqual({
      file: path.join(cwd, 'remote-jobs.yaml'),
      installation: 'etl-prod',
      connections: {
        lineage: {
          type: 'sqlflow',
          url: 'https://api.gudusoft.com/gspLive_backend',
          userId: 'google-oauth2|104859261234567890123',
          secretKey: { env: 'SQLFLOW_SECRET_KEY' },
          quota: { calls: 10_000, per: 'month' },
        },
        warehouse: {
          type: 'linkis',
          url: 'http://linkis-gateway.example.com:9001',
          user: 'etl',
          token: { file: '/run/secrets/linkis-token' },
          users: ['alice', 'bob'],
        },
      },
      secrets: { HIVE_METASTORE_PASSWORD: { env: 'HIVE_METASTORE_PASSWORD' } },
      artifacts: { folder: path.join(cwd, 'remote-jobs-artifacts') },
      inputs: { roots: [path.join(cwd, 'sql')] },
      defaults: { taskQueue: 'etl' },
      limits: { ...defaultLimits, maxResultRows: 10_000_000 },
      notify: {
        'on-call': {
          url: { file: '/run/secrets/slack-webhook' },
          on: ['failed', 'killUnconfirmed', 'gateClosed', 'approvalDue'],
          body: { text: '{{text}}' },
        },
      },
      metrics: { address: '127.0.0.1:9464' },
      health: { address: '127.0.0.1:8090' },
      log: { format: 'json', level: 'info' },
      openlineage: {
        marquez: {
          url: 'http://marquez.example.com:5000/api/v1/lineage',
          apiKey: { env: 'MARQUEZ_API_KEY' },
        },
        archive: { folder: path.join(cwd, 'lineage-events') },
      },
      schedules: {
        'nightly-lineage': {
          cron: ['0 2 * * *'],
          timeZone: 'Europe/Vienna',
          pauseOnFailure: true,
          run: expect.arrayContaining(['chain', 'refresh', 'warehouse', './sql', 'mart.*']),
        },
        'daily-sales': {
          note: 'the sales of the day before',
          cron: ['30 4 * * mon-fri'],
          timeZone: 'Europe/Vienna',
          overlap: 'buffer-all',
          catchUp: 3 * 24 * 3_600_000,
          run: expect.arrayContaining(['--var', 'day={{scheduledDate-1d}}']),
        },
      },
    });
  });

  it('is the one named, else REMOTE_JOBS_CONFIG, else remote-jobs.yaml', () => {
    const cwd = folderWith({
      'flag.yaml': 'installation: flag',
      'env.yaml': 'installation: env',
      'remote-jobs.yaml': 'installation: usual',
    });
    const env = { REMOTE_JOBS_CONFIG: 'env.yaml' };
    expect(loadConfig({ file: 'flag.yaml', env, cwd }).installation).toBe('flag');
    expect(loadConfig({ env, cwd }).installation).toBe('env');
    expect(loadConfig({ env: {}, cwd }).installation).toBe('usual');
  });

  it('may be missing unless it was named', async () => {
    const cwd = folderWith();
    expect(loadConfig({ env: {}, cwd })).toMatchObject({
      connections: {},
      artifacts: { folder: path.join(cwd, 'remote-jobs-artifacts') },
      inputs: { roots: [] },
    });
    expect(await problemsOf(() => loadConfig({ file: 'no.yaml', env: {}, cwd }))).toEqual([
      "the configuration file no.yaml doesn't exist: check --config and REMOTE_JOBS_CONFIG",
    ]);
    expect(await problemsOf(() => loadConfig({ file: '.', env: {}, cwd }))).toEqual([
      expect.stringContaining('is a folder'),
    ]);
  });

  it.each(['', '# nothing yet\n', 'connections:\nsecrets:\n', '{}'])('may be empty: %j', (text) => {
    expect(load(text).connections).toEqual({});
  });

  it('may be JSON', () => {
    expect(load('{"installation": "a", "defaults": {"taskQueue": "q"}}')).toMatchObject({
      installation: 'a',
      defaults: { taskQueue: 'q' },
    });
  });

  it('is what relative paths begin at, wherever the command runs', () => {
    const folder = folderWith({
      'c.yaml': `${good}\nsecrets: { A: { file: a.txt } }\nartifacts: { folder: out }\ninputs: { roots: [.., /abs] }`,
    });
    const config = loadConfig({ file: path.join(folder, 'c.yaml'), env: {}, cwd: '/' });
    expect(config.artifacts.folder).toBe(path.join(folder, 'out'));
    expect(config.inputs.roots).toEqual([path.dirname(folder), '/abs']);
    expect(config.secrets['A']).toEqual({ file: path.join(folder, 'a.txt') });
  });
});

describe('mistakes in the file', () => {
  it('are told all at once, each at its line and column', async () => {
    const text = readFileSync(path.join(__dirname, '../fixtures/config/mistakes.yaml'), 'utf8');
    const cwd = folderWith({ 'bad.yaml': text });
    expect(await problemsOf(() => loadConfig({ file: 'bad.yaml', env: {}, cwd }))).toEqual([
      'bad.yaml:1:1: instalation is no setting: did you mean "installation"?',
      'bad.yaml:4:11: connections.lineage.type must be sqlflow or linkis, not "sqlfow"',
      'bad.yaml:5:5: connections.lineage.ulr is no setting: did you mean "url"?',
      'bad.yaml:6:13: connections.lineage.userId must be a text, not a number: put it in quotes',
      expect.stringMatching(
        /^bad.yaml:7:16: connections.lineage.secretKey holds a literal secret.*\{ env: NAME \}/,
      ),
      'bad.yaml:8:23: connections.lineage.headersTimeoutMs must be a whole number of milliseconds from 1 to 86400000, not 0',
      'bad.yaml:9:3: connections.bad name is no name for a connection: take up to 63 letters, digits, "_" and "-"',
      'bad.yaml:10:5: connections.bad name.typ is no setting: did you mean "type"?',
      'bad.yaml:11:10: connections.bad name.url must not hold a user or a password: give them by their own settings',
      'bad.yaml:12:11: connections.bad name.user is blank: give the Linkis user, such as "hadoop"',
      'bad.yaml:13:5: connections.bad name.password must be { env: NAME } or { file: PATH }, and not "evn": did you mean "env"?',
      'bad.yaml:14:5: connections.bad name.token stands beside password: give only one of them',
      'bad.yaml:15:12: connections.bad name.users must be a list of users',
      'bad.yaml:16:3: connections.third.type is missing: give sqlflow or linkis',
      'bad.yaml:18:11: connections.fourth must be settings by their names: type, url, …',
      expect.stringMatching(/^bad.yaml:20:6: secrets.A holds a literal secret/),
      expect.stringMatching(/^bad.yaml:21:3: secrets.B names a file that begins with "~"/),
      'bad.yaml:23:11: artifacts.folder is missing: name a folder',
      'bad.yaml:24:9: inputs must be settings by their names (roots)',
      'bad.yaml:26:12: defaults.sqlflow names "lineag", which is no connection of type sqlflow: there is lineage',
      'bad.yaml:27:3: defaults.taskQue is no setting: did you mean "taskQueue"?',
    ]);
  });

  it('never show what may be a secret', async () => {
    const secret = 'c4nary';
    for (const text of [
      `connections: { a: { type: linkis, url: "http://${secret}:${secret}@h", user: u, password: ${secret} } }`,
      `connections: { a: { type: sqlflow, url: "http://h/?token=${secret}", userId: u, secretKey: [${secret}] } }`,
      `connections: { a: { type: sqlflow, url: ":${secret}", userId: u, secretKey: { value: ${secret} } } }`,
      `secrets: { A: *${secret} }`,
      `secrets: { A: !${secret} ${secret} }`,
      `secrets:\n  A: "${secret}`,
      `secrets:\n  A: x ]${secret}\n B: ${secret}: ${secret}\n`,
      `secrets: { A: @${secret} }`,
      `secrets: { A: ${secret} `,
      secret,
    ]) {
      const problems = await problemsOf(() => load(text));
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join()).not.toContain(secret);
    }
  });

  it.each([
    ['a: b: c', 'is no YAML'],
    ['a: 1\na: 2', 'remote-jobs.yaml:2:1: is no YAML'],
    ['- a', 'the file must be settings by their names'],
    [
      `a: &a [1, 1]\nb: &b [${'*a, '.repeat(20)}]\nc: [${'*b, '.repeat(20)}]`,
      'is no YAML: an alias',
    ],
    ['connections: { a: { type: &x [*x] } }', 'must be sqlflow or linkis, not a list'],
    ['connections: &x { a: *x }', 'connections.a.type is missing'],
  ])('in its syntax are told at their place: %j', async (text, problem) => {
    expect((await problemsOf(() => load(text))).join('\n')).toContain(problem);
  });

  it.each([
    ['ftp://host', 'must begin with http'],
    ['api.gudusoft.com', 'is no URL'],
    ['https://host/gspLive_backend?x=1', 'must end with its path'],
    ['https://host/gspLive_backend#x', 'must end with its path'],
    ['https://host/gspLive_backend/sqlflow/job', 'must end before "/sqlflow/job"'],
  ])('in a base URL say how it is meant: %s', async (url, problem) => {
    const text = good.replace('https://api.example.com/gspLive_backend', url);
    expect((await problemsOf(() => load(text))).join()).toContain(
      `connections.lineage.url ${problem}`,
    );
  });

  it.each(['Prod', 'a_b', '', 'x'.repeat(33), '[a]', '5'])(
    'include an installation such as %j',
    async (installation) => {
      const problems = await problemsOf(() => load(`installation: ${installation || '""'}`));
      expect(problems.join()).toContain('1 to 32 of a-z, 0-9 and "-"');
    },
  );

  it('include several users without a token, and no credential at all', async () => {
    const linkis = 'connections: { a: { type: linkis, url: "http://h", user: u';
    expect(await problemsOf(() => load(`${linkis}, password: { env: A }, users: [b] } }`))).toEqual(
      [expect.stringContaining('connections.a.users needs a token')],
    );
    expect(await problemsOf(() => load(`${linkis} } }`))).toEqual([
      expect.stringContaining('connections.a.password is missing: give password or token'),
    ]);
    expect(await problemsOf(() => load(`${linkis}, pasword: { env: A } } }`))).toEqual([
      expect.stringContaining('connections.a.pasword is no setting: did you mean "password"?'),
    ]);
  });
});

describe('the environment', () => {
  const sqlflow = {
    SQLFLOW_URL: 'http://localhost:8165/api/gspLive_backend',
    SQLFLOW_USER_ID: 'gudu|0123456789',
    SQLFLOW_TOKEN: 'token',
  };
  const linkis = {
    LINKIS_URL: 'http://localhost:9001',
    LINKIS_USER: 'hadoop',
    LINKIS_PASSWORD: 'hadoop',
  };

  it('makes a connection of each service, without its secrets in it', () => {
    const config = loadConfig({ env: { ...sqlflow, ...linkis }, cwd: folderWith() });
    expect(config.connections).toEqual({
      sqlflow: {
        type: 'sqlflow',
        url: 'http://localhost:8165/api/gspLive_backend',
        userId: 'gudu|0123456789',
        token: { env: 'SQLFLOW_TOKEN' },
      },
      linkis: {
        type: 'linkis',
        url: 'http://localhost:9001',
        user: 'hadoop',
        password: { env: 'LINKIS_PASSWORD' },
      },
    });
  });

  it('gives way to a file that names a connection of the service', () => {
    expect(Object.keys(load(good, { ...sqlflow, ...linkis }).connections)).toEqual([
      'lineage',
      'linkis',
    ]);
  });

  it('counts a blank variable as none', () => {
    const env = { ...linkis, SQLFLOW_URL: ' ', LINKIS_TOKEN: '' };
    expect(Object.keys(loadConfig({ env, cwd: folderWith() }).connections)).toEqual(['linkis']);
  });

  it('has its mistakes told by variable', async () => {
    const env = {
      SQLFLOW_URL: 'nowhere',
      LINKIS_URL: 'http://host/api/rest_j/v1',
      LINKIS_USER: 'u',
      LINKIS_TOKEN: 't',
      LINKIS_PASSWORD: 'p',
    };
    expect(await problemsOf(() => loadConfig({ env, cwd: folderWith() }))).toEqual([
      expect.stringMatching(/^SQLFLOW_URL is no URL/),
      expect.stringMatching(/^SQLFLOW_USER_ID is missing/),
      'SQLFLOW_SECRET_KEY is missing: give SQLFLOW_SECRET_KEY or SQLFLOW_TOKEN',
      'LINKIS_URL must end before "/api/rest_j/v1", which is appended by itself',
      'LINKIS_TOKEN stands beside LINKIS_PASSWORD: give only one of them',
    ]);
  });
});
