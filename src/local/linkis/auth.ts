import { randomUUID } from 'node:crypto';
import type { LocalReply, LocalRequest } from '../http/exchange';
import { failure, LinkisError, refusal, success } from './envelope';

const cookieName = 'linkis_user_session_ticket_id_v1';
const token = 'local-token';
interface Session {
  readonly user: string;
  readonly endsAtMs: number;
}

/** Password sessions in memory, and the one token. A restart forgets the sessions. */
export class Auth {
  readonly #sessions = new Map<string, Session>();
  readonly #sessionTtlMs: number;
  /** Users who may log in with a password; a token stands for any user. */
  readonly #passwords = new Map([['hadoop', 'hadoop']]);

  constructor(sessionTtlMs: number) {
    this.#sessionTtlMs = sessionTtlMs;
  }

  /** Of a user who is known or new; sessions that were made with the one before end. */
  setPassword(user: string, password: string): void {
    this.#passwords.set(user, password);
    for (const [ticket, session] of this.#sessions) {
      if (session.user === user) this.#sessions.delete(ticket);
    }
  }

  /** @throws LinkisError with status -1 (HTTP 401) */
  userOf(request: LocalRequest): string {
    const code = headerOf(request, 'token-code');
    if (code !== undefined) return userOfToken(code, headerOf(request, 'token-user'));
    const ticket = ticketOf(request);
    if (ticket === undefined) {
      throw new LinkisError(
        11002,
        'You are not logged in, please login first(您尚未登录，请先登录)!',
        -1,
      );
    }
    const session = this.#live(ticket);
    if (session === undefined) throw expired();
    return session.user;
  }

  login(request: LocalRequest): LocalReply {
    const { userName, password } = (request.json ?? {}) as Record<string, unknown>;
    const session = this.#live(ticketOf(request) ?? '');
    if (session !== undefined && session.user === userName) {
      return success(
        request.path,
        {},
        'Already logged in, please log out before logging in(已经登录，请先退出再进行登录)!',
      );
    }
    if (typeof userName !== 'string' || typeof password !== 'string') {
      return refusal(
        request.path,
        1,
        'userName and password can not be empty(用户名和密码不能为空)',
      );
    }
    if (this.#passwords.get(userName) !== password) {
      return refusal(request.path, 1, 'The user name or password is wrong(用户名或密码错误)');
    }
    const ticket = randomUUID();
    this.#sessions.set(ticket, { user: userName, endsAtMs: Date.now() + this.#sessionTtlMs });
    return {
      ...success(
        request.path,
        { userName, isFirstLogin: false, isAdmin: false },
        'login successful(登录成功)！',
      ),
      headers: { 'set-cookie': `${cookieName}=${ticket}; Path=/; HttpOnly` },
    };
  }

  /** Here a missing login is status 1 / HTTP 400. */
  userInfo(request: LocalRequest): LocalReply {
    try {
      return success(
        request.path,
        { userName: this.userOf(request) },
        'get user information succeed!',
      );
    } catch (error) {
      if (!(error instanceof LinkisError)) throw error;
      return failure(request.path, new LinkisError(error.errCode, error.desc, 1));
    }
  }

  /** Ends the caller's session; what any endpoint says then. */
  expire(request: LocalRequest): LocalReply {
    this.#sessions.delete(ticketOf(request) ?? '');
    const usesToken = headerOf(request, 'token-code') !== undefined;
    return failure(
      request.path,
      usesToken
        ? new LinkisError(15201, 'Token is not valid or stale: it has expired', -1)
        : expired(),
    );
  }

  #live(ticket: string): Session | undefined {
    const session = this.#sessions.get(ticket);
    if (session === undefined || session.endsAtMs > Date.now()) return session;
    this.#sessions.delete(ticket);
    return undefined;
  }
}

function expired(): LinkisError {
  return new LinkisError(
    11002,
    'Login has expired, please log in again(登录已过期，请重新登录)!',
    -1,
  );
}

/** The real server repeats the token in its message too. */
function userOfToken(code: string, user: string | undefined): string {
  if (code !== token) {
    throw new LinkisError(
      15206,
      `errCode: 15204 ,desc: Invalid Token(令牌无效): the token ${code} is not in the database`,
      -1,
    );
  }
  if (user === undefined || user === '') {
    throw new LinkisError(15202, `Token ${code} needs the header Token-User`, -1);
  }
  return user;
}

function headerOf(request: LocalRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function ticketOf(request: LocalRequest): string | undefined {
  return new RegExp(`(?:^|;\\s*)${cookieName}=([^;\\s]+)`).exec(request.headers.cookie ?? '')?.[1];
}
