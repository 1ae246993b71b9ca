import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { moveClock } from '../../support/clock';
import { call, closeAll, startLinkis } from './support';

let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await startLinkis();
});
afterEach(() => jest.restoreAllMocks());
afterAll(closeAll);

const login = (password: string, headers: Record<string, string> = {}, on = linkis) =>
  call(on, '/user/login', { body: { userName: 'hadoop', password }, headers });
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('a password', () => {
  test('gets a cookie that opens the other endpoints', async () => {
    const { http, status, headers } = await login('hadoop');
    expect({ http, status }).toEqual({ http: 200, status: 0 });
    expect(cookieOf(headers)).toMatch(/^linkis_user_session_ticket_id_v1=.+/);
    const answer = await call(linkis, '/user/userInfo', { headers: { cookie: cookieOf(headers) } });
    expect(answer).toMatchObject({ http: 200, data: { userName: 'hadoop' } });
  });

  test('that is wrong gets status 1 and HTTP 400, not 401', async () => {
    const { http, status, headers } = await login('wrong');
    expect({ http, status }).toEqual({ http: 400, status: 1 });
    expect(headers.get('set-cookie')).toBeNull();
  });

  test('is not needed twice: who is logged in gets 200 without a new cookie', async () => {
    const cookie = cookieOf((await login('hadoop')).headers);
    const again = await login('hadoop', { cookie });
    expect(again).toMatchObject({ http: 200, status: 0 });
    expect(again.headers.get('set-cookie')).toBeNull();
  });

  test('has to be given again once the session has expired', async () => {
    const brief = await startLinkis({ sessionTtlMs: 3_600_000 });
    const cookie = cookieOf((await login('hadoop', {}, brief)).headers);
    expect((await call(brief, '/jobhistory/list', { headers: { cookie } })).http).toBe(200);
    moveClock(2 * 3_600_000);
    const expired = await call(brief, '/jobhistory/list', { headers: { cookie } });
    expect(expired).toMatchObject({
      http: 401,
      status: -1,
      data: { errorMsg: { errCode: 11002 } },
    });
    expect(await call(brief, '/user/userInfo', { headers: { cookie } })).toMatchObject({
      http: 400,
      status: 1,
    });
    expect(cookieOf((await login('hadoop', { cookie }, brief)).headers)).not.toBe('');
  });
});

describe('a token', () => {
  test('stands for any user', async () => {
    const headers = { 'token-code': 'local-token', 'token-user': 'alice' };
    const answer = await call(linkis, '/user/userInfo', { headers });
    expect(answer.data.userName).toBe('alice');
  });

  test('that is unknown gets 401 and is repeated in the message', async () => {
    const answer = await call(linkis, '/jobhistory/list', {
      headers: { 'token-code': 'no-such-token', 'token-user': 'hadoop' },
    });
    expect(answer).toMatchObject({ http: 401, status: -1, data: { errorMsg: { errCode: 15206 } } });
    expect(answer.message).toContain('no-such-token');
  });
});

test('nobody gets in without either', async () => {
  expect(await call(linkis, '/jobhistory/list', { headers: {} })).toMatchObject({
    http: 401,
    status: -1,
  });
});

test('a scripted fault ends the session that makes the call', async () => {
  const faulty = await startLinkis({
    faults: { faults: [{ endpoint: 'jobhistory/list', calls: [1], do: 'expireToken' }] },
  });
  const cookie = cookieOf((await login('hadoop', {}, faulty)).headers);
  const codes = [];
  for (let n = 0; n < 2; n += 1) {
    codes.push((await call(faulty, '/jobhistory/list', { headers: { cookie } })).http);
  }
  expect(codes).toEqual([401, 401]);
  const fresh = cookieOf((await login('hadoop', {}, faulty)).headers);
  expect((await call(faulty, '/jobhistory/list', { headers: { cookie: fresh } })).http).toBe(200);
});

test('a service that the gateway does not know gets HTTP 200 with status 1', async () => {
  expect(await call(linkis, '/nowhere/list')).toMatchObject({ http: 200, status: 1 });
});
