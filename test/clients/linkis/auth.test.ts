import { inspect } from 'node:util';
import {
  InputError,
  LinkisClient,
  VendorError,
  WireError,
} from '../../../src/clients/linkis/public';
import { Gateway, call, failure, fixture, says, saysText } from './gateway';

describe('Linkis credentials', () => {
  let gateway: Gateway;
  beforeEach(async () => {
    gateway = await Gateway.start();
  });
  afterEach(() => gateway.close());

  const password = { password: 'correct horse' };
  const cookie = (value: string, name = 'linkis_user_session_ticket_id_v1') => [
    'lang=en; Path=/',
    `${name}=${value}; Path=/; HttpOnly`,
  ];
  const loggedIn = (lines: string[]) =>
    saysText(fixture('login'), 200, lines.length === 0 ? {} : { 'set-cookie': lines });

  /** Sessions that were handed out are good until they are revoked. */
  function sessions() {
    let given = 0;
    const good = new Set<string>();
    const state = { logins: 0, refused: 0, revoke: () => good.clear() };
    gateway.answer((response, received) => {
      if (received.path.endsWith('/user/login')) {
        state.logins += 1;
        const ticket = `ticket-number-${++given}`;
        good.add(ticket);
        return loggedIn(cookie(ticket))(response, received);
      }
      const sent = /ticket_id_v1=([^;]+)/.exec(received.headers.cookie ?? '')?.[1];
      if (good.has(sent ?? '')) return says('jobhistory-get')(response, received);
      state.refused += 1;
      return says('session-expired', 401)(response, received);
    });
    return state;
  }

  it('sends Token-Code and Token-User on every call, and nothing at login', async () => {
    gateway.answer(says('jobhistory-get'));
    const client = gateway.client();
    await client.login(call.signal);
    expect(gateway.received).toEqual([]);
    await client.getTask('1946923', call);
    expect(gateway.last.headers).toMatchObject({
      'token-code': 'local-secret-token',
      'token-user': 'hadoop',
    });
    await client.getTask('1946923', { ...call, user: 'alice' });
    expect(gateway.last.headers['token-user']).toBe('alice');
  });

  it.each(['linkis_user_session_ticket_id_v1', 'bdp-user-ticket-id'])(
    'logs in with a password and carries the cookie %s',
    async (name) => {
      gateway.answer(loggedIn(cookie('abcdefgh', name)), says('jobhistory-get'));
      const client = gateway.client({ credential: password });
      await client.getTask('1946923', call);
      await client.getTask('1946923', call);
      expect(gateway.received.map(({ path }) => path.split('/').at(-2))).toEqual([
        'user',
        '1946923',
        '1946923',
      ]);
      expect(JSON.parse(gateway.received[0]?.body ?? '')).toEqual({
        userName: 'hadoop',
        password: 'correct horse',
      });
      expect(gateway.last.headers.cookie).toBe(`lang=en; ${name}=abcdefgh`);
    },
  );

  it('takes a session that is the only cookie of the login', async () => {
    gateway.answer(loggedIn(['bdp-user-ticket-id=abcdefgh; Path=/']), says('jobhistory-get'));
    await gateway.client({ credential: password }).getTask('1946923', call);
    expect(gateway.last.headers.cookie).toBe('bdp-user-ticket-id=abcdefgh');
  });

  it('logs in once for many calls, renews an expired session once and repeats each call once', async () => {
    const state = sessions();
    const client = gateway.client({ credential: password });
    const calls = () =>
      Promise.all(Array.from({ length: 8 }, () => client.getTask('1946923', call)));
    await calls();
    expect(state).toMatchObject({ logins: 1, refused: 0 });
    state.revoke();
    await calls();
    expect(state.logins).toBe(2);
    expect(state.refused).toBeLessThanOrEqual(8);
  });

  it('gives up where the service refuses the renewed session too', async () => {
    gateway.answer(
      loggedIn(cookie('ticket-one')),
      says('session-expired', 401),
      loggedIn(cookie('ticket-two')),
      says('session-expired', 401),
    );
    const refused = gateway.client({ credential: password }).getTask('1946923', call);
    expect(await failure(refused, VendorError)).toMatchObject({ kind: 'auth', vendorCode: 11002 });
    expect(gateway.received).toHaveLength(4);
  });

  it('renews the session for a download and for an error inside HTTP 200', async () => {
    const disposition = { 'content-disposition': 'attachment;filename=x.csv' };
    gateway.answer(
      loggedIn(cookie('ticket-one')),
      says('session-expired', 401),
      loggedIn(cookie('ticket-two')),
      saysText('a,b\n', 200, disposition),
    );
    const client = gateway.client({ credential: password });
    const file = await client.resultsetToExcel('hdfs:///x', { type: 'csv' }, call);
    expect(Buffer.concat(await file.toArray()).toString()).toBe('a,b\n');

    gateway.answer(
      says('session-expired', 200),
      loggedIn(cookie('ticket-three')),
      says('jobhistory-get'),
    );
    await client.getTask('1946923', call);
    expect(gateway.last.headers.cookie).toContain('ticket-three');
  });

  it('tells a wrong password, which is status 1 with HTTP 400, and never repeats it', async () => {
    gateway.answer(says('login-wrong-password', 400));
    const client = gateway.client({ credential: password });
    const error = await failure(client.login(call.signal), VendorError);
    expect(error).toMatchObject({ kind: 'auth', vendorCode: 1, httpStatus: 400 });
    expect(error.message).toContain('check the user and the password');
    expect(gateway.received).toHaveLength(1);
  });

  it('keeps password and session out of errors that echo them', async () => {
    gateway.answer(
      loggedIn(cookie('very-secret-ticket')),
      saysText(
        '{"status":1,"message":"session very-secret-ticket of correct horse","data":null}',
        400,
      ),
    );
    const client = gateway.client({ credential: password });
    const error = await failure(client.getTask('1946923', call), VendorError);
    const seen = inspect([error, client], { depth: Infinity, showHidden: true });
    expect(seen).toContain('[redacted]');
    expect(seen).not.toMatch(/very-secret-ticket|correct horse/);
  });

  it('is a WireError where a login succeeds without a session', async () => {
    gateway.answer(loggedIn([]));
    const client = gateway.client({ credential: password });
    const error = await failure(client.login(call.signal), WireError);
    expect(error.field).toContain('set-cookie');
  });

  it('lets one caller abort without taking the login from the others', async () => {
    const abort = new AbortController();
    let finish = () => {};
    gateway.answer((response, received) => {
      finish = () => loggedIn(cookie('ticket-one'))(response, received);
      abort.abort(new Error('only this one'));
    }, says('jobhistory-get'));
    const client = gateway.client({ credential: password });
    const first = client.getTask('1946923', { signal: abort.signal });
    const second = client.getTask('1946923', call);
    await expect(first).rejects.toThrow('only this one');
    finish();
    await expect(second).resolves.toMatchObject({ taskId: '1946923' });
    expect(gateway.received.filter(({ path }) => path.endsWith('login'))).toHaveLength(1);
  });

  it('logs in anew after the only caller has aborted its login', async () => {
    const abort = new AbortController();
    gateway.answer(
      () => abort.abort(new Error('gone')),
      loggedIn(cookie('ticket-one')),
      says('jobhistory-get'),
    );
    const client = gateway.client({ credential: password });
    await expect(client.getTask('1946923', { signal: abort.signal })).rejects.toThrow('gone');
    await expect(client.getTask('1946923', call)).resolves.toMatchObject({ taskId: '1946923' });
  });

  it('acts for another user only with a token', async () => {
    gateway.answer(loggedIn(cookie('ticket-one')));
    const client = gateway.client({ credential: password });
    const error = await failure(client.getTask('1946923', { ...call, user: 'alice' }), InputError);
    expect(error.message).toContain('only a token can act for others');
    expect(gateway.received).toEqual([]);
  });

  it.each([
    [{ user: ' ' }, 'user'],
    [{ credential: { token: '' } }, 'credential.token'],
    [{ credential: { password: '' } }, 'credential.password'],
    [{ credential: { token: 'a\r\nX-Evil: b' } }, 'credential.token'],
    [{ url: 'ftp://x' }, 'baseUrl'],
  ])('refuses %j at once', (wrong, field) => {
    const make = () =>
      new LinkisClient({
        url: gateway.url,
        user: 'hadoop',
        credential: { token: 'local-secret-token' },
        ...wrong,
      });
    expect(make).toThrow(expect.objectContaining({ field }));
  });
});
