import { HttpError, InputError, VendorError, WireError } from '../http/errors';
import type { HttpTransport } from '../http/transport';
import { readData } from './envelope';
import { requireText } from './input';
import { SingleFlight } from '../http/single-flight';

/**
 * `token`: the headers Token-Code and Token-User on every call. `password`: a session by
 * `/user/login`, renewed once when it has expired (after 1 to 2 hours).
 */
export type LinkisCredential = { readonly password: string } | { readonly token: string };

/** What makes a call authorised, and what of it must not stand in an error. */
export interface Authorisation {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Sends a call with a credential; the one place where a call may be sent twice. */
export interface LinkisAuth {
  /** For a password: makes a session now. For a token there is nothing to do. */
  login(signal: AbortSignal): Promise<void>;
  send<T>(
    user: string,
    signal: AbortSignal,
    call: (authorisation: Authorisation) => Promise<T>,
  ): Promise<T>;
}

export function linkisAuth(
  transport: HttpTransport,
  user: string,
  credential: LinkisCredential,
): LinkisAuth {
  requireText('user', user, 'give the Linkis user');
  if ('token' in credential) {
    requireText('credential.token', credential.token, 'give the Token-Code');
    requireHeaderText('credential.token', credential.token);
    return new TokenAuth(credential.token);
  }
  requireText('credential.password', credential.password, "give the user's password");
  return new PasswordAuth(transport, user, credential.password);
}

class TokenAuth implements LinkisAuth {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  login(): Promise<void> {
    return Promise.resolve();
  }

  async send<T>(
    user: string,
    _signal: AbortSignal,
    call: (authorisation: Authorisation) => Promise<T>,
  ): Promise<T> {
    requireHeaderText('user', user);
    return call({
      headers: { 'Token-Code': this.#token, 'Token-User': user },
      secrets: [this.#token],
    });
  }
}

class PasswordAuth implements LinkisAuth {
  readonly #transport: HttpTransport;
  readonly #user: string;
  readonly #password: string;
  readonly #login = new SingleFlight((signal) => this.#newSession(signal));
  #session?: Authorisation;

  constructor(transport: HttpTransport, user: string, password: string) {
    this.#transport = transport;
    this.#user = user;
    this.#password = password;
  }

  async login(signal: AbortSignal): Promise<void> {
    await this.#login.join(signal);
  }

  async send<T>(
    user: string,
    signal: AbortSignal,
    call: (authorisation: Authorisation) => Promise<T>,
  ): Promise<T> {
    if (user !== this.#user) {
      throw new InputError(
        'user',
        `"${user}" isn't the user who logs in, "${this.#user}"; only a token can act for others`,
      );
    }
    const session = this.#session ?? (await this.#login.join(signal));
    try {
      return await call(session);
    } catch (error) {
      if (!isLoggedOut(error)) throw error;
      // Another call may have renewed it meanwhile.
      if (this.#session === session) this.#session = undefined;
      return await call(this.#session ?? (await this.#login.join(signal)));
    }
  }

  async #newSession(signal: AbortSignal): Promise<Authorisation> {
    const secrets = [this.#password];
    const answer = await this.#transport.text({
      method: 'POST',
      path: '/api/rest_j/v1/user/login',
      body: { json: { userName: this.#user, password: this.#password } },
      signal,
      // All other calls wait for it, a kill's too.
      priority: 'urgent',
      secrets,
    });
    try {
      readData(answer, { secrets });
    } catch (error) {
      // A wrong password is status 1 with HTTP 400, like any refusal.
      if (error instanceof VendorError && error.kind === 'refused') throw asAuthError(error);
      throw error;
    }
    const cookies = readCookies(answer.headers['set-cookie']);
    if (cookies.length === 0) {
      throw new WireError({
        endpoint: answer.endpoint,
        field: 'the header set-cookie',
        expected: 'a session (linkis_user_session_ticket_id_v1 or bdp-user-ticket-id)',
        found: 'missing',
      });
    }
    const session = {
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
      secrets: [...secrets, ...cookies.map(({ value }) => value).filter(isLong)],
    };
    this.#session = session;
    return session;
  }
}

/** An expired session is 401 with status -1 and code 11002; a proxy may say 401 without an envelope. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof VendorError
    ? error.kind === 'auth'
    : error instanceof HttpError && error.status === 401;
}

function asAuthError(error: VendorError): VendorError {
  return new VendorError({
    endpoint: error.endpoint ?? '',
    kind: 'auth',
    vendorCode: error.vendorCode,
    serviceMessage: error.serviceMessage,
    httpStatus: error.httpStatus,
    advice: 'check the user and the password',
  });
}

/** Every cookie that the login sets: the session's name can be configured on the service. */
function readCookies(
  header: string | readonly string[] | undefined,
): { name: string; value: string }[] {
  // undici gives a header that came once as text, in spite of Node's type for it.
  return [header ?? []].flat().flatMap((line) => {
    const [, name, value] = /^\s*([^=;\s]+)\s*=\s*([^;\s]+)/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}

/** A cookie such as `admin=1` is no secret, and taking out every `1` would make an error unreadable. */
function isLong(value: string): boolean {
  return value.length >= 8;
}

/** A header can't carry more; a line break would even add one. */
function requireHeaderText(field: string, value: string): void {
  if (/^[\x21-\x7e]+$/.test(value)) return;
  throw new InputError(field, 'may hold only visible ASCII characters, for it travels as a header');
}
