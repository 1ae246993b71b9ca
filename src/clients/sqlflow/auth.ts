import { HttpError, InputError, VendorError } from '../http/errors';
import { SingleFlight } from '../http/single-flight';

/**
 * How a client proves who it is: a secret key, from which it makes tokens, or a token as it is
 * (on-premise, `gudu|0123456789` uses the literal `token`).
 */
export type SqlFlowCredential = { readonly secretKey: string } | { readonly token: string };

/** The anonymous on-premise token. It is public, and hiding the word would spoil every message. */
const anonymousToken = 'token';

/** A bad or expired token: code 401 in an HTTP 200, or the same from a gateway. 403 is an expired account. */
export function isTokenRefusal(error: unknown): error is VendorError | HttpError {
  return (
    (error instanceof VendorError && error.kind === 'auth' && Number(error.vendorCode) === 401) ||
    (error instanceof HttpError && error.status === 401)
  );
}

/**
 * The one token of a client. It is asked for when first needed, held, and renewed once however
 * many calls find it refused at the same time: whether a new token voids older ones isn't
 * documented, so there is never more than one.
 */
export class SqlFlowAuth {
  readonly #credential: SqlFlowCredential;
  readonly #generating: SingleFlight<string>;
  #token: string | undefined;

  constructor(
    credential: SqlFlowCredential,
    generate: (secretKey: string, signal: AbortSignal) => Promise<string>,
  ) {
    const [field, value] =
      'token' in credential ? ['token', credential.token] : ['secretKey', credential.secretKey];
    if (typeof value !== 'string' || value.trim() === '') {
      throw new InputError(`credential.${field}`, 'must not be blank');
    }
    this.#credential = credential;
    this.#generating = new SingleFlight((signal) => this.#newToken(generate, signal));
    if ('token' in credential) this.#token = credential.token;
  }

  /** What must never stand in an error. */
  secrets(token?: string): readonly string[] {
    const fixed = 'token' in this.#credential ? this.#credential.token : this.#credential.secretKey;
    return [fixed, token ?? '', this.#token ?? ''].filter(
      (value) => value !== '' && value !== anonymousToken,
    );
  }

  async token(signal: AbortSignal): Promise<string> {
    return this.#token ?? this.#generating.join(signal);
  }

  /** A token other than the refused one; somebody else may have renewed it already. */
  async renewed(refused: string, signal: AbortSignal): Promise<string> {
    if (this.#token !== undefined && this.#token !== refused) return this.#token;
    return this.#generating.join(signal);
  }

  /**
   * Makes a new token and holds it.
   *
   * @throws InputError where the credential is a fixed token
   */
  async generate(signal: AbortSignal): Promise<string> {
    return this.#generating.join(signal);
  }

  /**
   * Runs a call, and once more with a renewed token where the first was refused.
   *
   * @throws VendorError or HttpError that says what to do, where the credential itself is refused
   */
  async authorised<T>(call: (token: string) => Promise<T>, signal: AbortSignal): Promise<T> {
    const token = await this.token(signal);
    try {
      return await call(token);
    } catch (error) {
      if (!isTokenRefusal(error)) throw error;
      if ('token' in this.#credential) throw withAdvice(error, fixedTokenAdvice);
    }
    const renewed = await this.renewed(token, signal);
    try {
      return await call(renewed);
    } catch (error) {
      throw isTokenRefusal(error)
        ? withAdvice(error, 'a token renewed a moment ago was refused as well: check userId')
        : error;
    }
  }

  async #newToken(
    generate: (secretKey: string, signal: AbortSignal) => Promise<string>,
    signal: AbortSignal,
  ): Promise<string> {
    if ('token' in this.#credential) {
      throw new InputError(
        'credential',
        'is a fixed token, from which no other can be made; give a secretKey for that',
      );
    }
    try {
      return (this.#token = await generate(this.#credential.secretKey, signal));
    } catch (error) {
      throw isTokenRefusal(error)
        ? withAdvice(error, 'the service refused userId and secretKey: check both')
        : error;
    }
  }
}

const fixedTokenAdvice =
  'the token of this connection is fixed and cannot be renewed: give a valid one, or a secretKey; on-premise, user gudu|0123456789 takes the token "token"';

function withAdvice(error: VendorError | HttpError, advice: string): VendorError | HttpError {
  return error instanceof VendorError
    ? new VendorError({ ...detailsOf(error), advice })
    : new HttpError({
        endpoint: error.endpoint ?? '',
        status: error.status,
        serviceMessage: error.serviceMessage,
        request: error.request,
        advice,
      });
}

function detailsOf(error: VendorError) {
  const { kind, vendorCode, serviceMessage, httpStatus } = error;
  return { endpoint: error.endpoint ?? '', kind, vendorCode, serviceMessage, httpStatus };
}
