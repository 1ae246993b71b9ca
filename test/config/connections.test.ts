import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { openSettings, type JobSettings } from '../../src/config/options';
import { inspect } from 'node:util';
import { problemsOf } from './support';

const { signal } = new AbortController();

function linkis(more: object = {}) {
  return {
    type: 'linkis',
    url: 'http://127.0.0.1:9',
    user: 'etl',
    token: { env: 'T' },
    ...more,
  } as const;
}

function sqlflow(more: object = {}) {
  return {
    type: 'sqlflow',
    url: 'http://127.0.0.1:9/gspLive_backend',
    userId: 'demo',
    secretKey: { env: 'K' },
    ...more,
  } as const;
}

const env = { T: 't0ken-code', K: 's3cret-key' };

function open(connections: JobSettings['connections'], more: Partial<JobSettings> = {}) {
  return openSettings({ connections, ...more }, env);
}

describe('the right connection', () => {
  it('is the only one of its kind where none is named', async () => {
    const { connections } = open({ a: sqlflow(), b: linkis() });
    expect((await connections.sqlflow()).name).toBe('a');
    expect((await connections.linkis()).name).toBe('b');
    expect(connections.names('linkis')).toEqual(['b']);
    await connections.close();
  });

  it('is made once, also when many ask at the same time', async () => {
    const { connections } = open({ a: sqlflow() });
    const [first, second] = await Promise.all([connections.sqlflow('a'), connections.sqlflow()]);
    expect(second.client).toBe(first.client);
    await connections.close();
  });

  it('is the default one of several', async () => {
    const { connections } = open(
      { a: linkis(), b: linkis({ creator: 'mine' }) },
      { defaults: { linkis: 'b' } },
    );
    expect((await connections.linkis()).settings.creator).toBe('mine');
    expect((await connections.linkis('a')).name).toBe('a');
    await connections.close();
  });

  it('is asked for, with what there is, where it is not clear', async () => {
    const { connections } = open({ prod: linkis(), dev: linkis() });
    const sentence = async (call: () => Promise<unknown>) => (await problemsOf(call)).join();
    expect(await sentence(() => connections.linkis())).toBe(
      'There are several linkis connections ("prod", "dev"): name one, or set defaults.linkis.',
    );
    expect(await sentence(() => connections.linkis('prdo'))).toBe(
      'There is no linkis connection "prdo"; the configuration has "prod", "dev". Did you mean "prod"?',
    );
    expect(await sentence(() => connections.linkis('constructor'))).toContain(
      'There is no linkis connection "constructor"',
    );
    expect(await sentence(() => connections.sqlflow('prod'))).toContain('No sqlflow connection');
    const both = open({ a: sqlflow(), b: linkis() }).connections;
    expect(await sentence(() => both.sqlflow('b'))).toBe(
      'Connection "b" is of type linkis, not sqlflow.',
    );
  });

  it('is not made any more once all are closed', async () => {
    const { connections } = open({ a: sqlflow() });
    await connections.sqlflow();
    await connections.close();
    await connections.close();
    await expect(connections.sqlflow()).rejects.toThrow('are closed');
  });

  it('can be had as soon as its secret is there', async () => {
    const late: Record<string, string> = {};
    const { connections } = openSettings({ connections: { a: sqlflow() } }, late);
    expect(await problemsOf(() => connections.sqlflow())).toEqual([
      'connections.a.secretKey is read from the environment variable K, which is not set: set it where the worker runs.',
    ]);
    late['K'] = 'now there';
    expect((await connections.sqlflow()).name).toBe('a');
    await connections.close();
  });
});

describe('a connection to Linkis', () => {
  it('acts for its user and for those that are listed, and for nobody else', async () => {
    const { connections } = open({ a: linkis({ users: ['alice'] }) });
    const connection = await connections.linkis();
    expect(connection.actAs(undefined)).toBe('etl');
    expect(connection.actAs('etl')).toBe('etl');
    expect(connection.actAs('alice')).toBe('alice');
    expect(await problemsOf(() => connection.actAs('mallory'))).toEqual([
      'Connection "a" does not act for user "mallory"; it acts for "etl", "alice". Add the user to its "users".',
    ]);
    await connections.close();
  });
});

describe('what is sent', () => {
  let server: Server;
  let url: string;
  const seen: { url?: string; headers: IncomingMessage['headers']; body: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ url: request.url, headers: request.headers, body });
        response.setHeader('content-type', 'application/json');
        response.end(
          request.url?.includes('generateToken')
            ? '{"code":"200","userId":"demo","token":"made"}'
            : '{"method":"/x","status":1,"message":"no: t0ken-code","data":{}}',
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is the credential that the settings lead to, at the base URL with its prefix', async () => {
    const { connections } = open({
      a: sqlflow({ url: `${url}/api/gspLive_backend/` }),
      b: linkis({ url }),
    });
    await (await connections.sqlflow()).client.generateToken(signal);
    expect(seen.at(-1)?.url).toMatch(/^\/api\/gspLive_backend\/user\/generateToken/);
    expect(seen.at(-1)?.body).toContain('s3cret-key');

    const asked = (await connections.linkis()).client.getTask('1', { signal });
    await expect(asked).rejects.not.toThrow('t0ken-code');
    expect(seen.at(-1)?.headers).toMatchObject({ 'token-code': 't0ken-code', 'token-user': 'etl' });
    await connections.close();
  });
});

describe('settings in code', () => {
  it('are checked as strictly as a file', async () => {
    const connections = { a: { ...sqlflow(), ulr: 'x', secretKey: 's3cret' } } as never;
    expect(await problemsOf(() => open(connections, { instalation: 'x' } as never))).toEqual([
      'instalation is no setting: did you mean "installation"?',
      expect.stringMatching(/^connections\.a\.ulr is no setting: did you mean "url"\?/),
      'connections.a.secretKey must say where the secret is: { env: NAME }, { file: PATH } or { value: … }',
    ]);
  });

  it('may hold a secret, which is not shown by anything that holds it', async () => {
    const opened = open({ a: sqlflow({ secretKey: { value: 'c4nary-key' } }) });
    const connection = await opened.connections.sqlflow();
    expect(opened.secrets.redact('key c4nary-key')).toBe('key [redacted]');
    for (const shown of [opened, connection]) {
      const text = inspect(shown, { depth: 20, showHidden: true, showProxy: true });
      expect(text).not.toContain('c4nary');
      expect(text).not.toContain(Object.values(env)[0]);
    }
    await opened.connections.close();
  });

  it('name a secret that is missing where the variable was not set', async () => {
    const connections = { a: sqlflow({ secretKey: { value: undefined } }) };
    expect(await problemsOf(() => open(connections))).toEqual([
      expect.stringContaining('connections.a.secretKey has a blank "value"'),
    ]);
  });

  it('keep a word that is user name and password in texts', async () => {
    const password = { value: 'hadoop' };
    const opened = open({ a: linkis({ user: 'hadoop', token: undefined, password }) });
    await opened.connections.linkis();
    expect(opened.secrets.redact('user hadoop')).toBe('user hadoop');
    await opened.connections.close();
  });
});
