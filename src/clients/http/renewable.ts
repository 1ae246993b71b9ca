/**
 * What calls are authorised by, made of a credential that may be rotated under a client that runs.
 * It is read anew where the service refuses it, and a call that was refused is sent once more where
 * another one was found.
 */
export class Renewable<Credential, Auth> {
  #auth: Auth;
  #made: string;
  readonly #make: (credential: Credential) => Auth;
  readonly #read: (() => Promise<Credential>) | undefined;

  /** @param read where a newer credential is found; without it the first one is the only one */
  constructor(
    first: Credential,
    make: (credential: Credential) => Auth,
    read: (() => Promise<Credential>) | undefined,
  ) {
    this.#auth = make(first);
    this.#made = JSON.stringify(first);
    this.#make = make;
    this.#read = read;
  }

  get auth(): Auth {
    return this.#auth;
  }

  /**
   * Reads the credential anew; what it authorised before is forgotten if it is another one now.
   *
   * @returns whether it is
   * @throws what reading it throws; the old one stays
   */
  async renew(): Promise<boolean> {
    if (this.#read === undefined) return false;
    const credential = await this.#read();
    const made = JSON.stringify(credential);
    if (made === this.#made) return false;
    this.#auth = this.#make(credential);
    this.#made = made;
    return true;
  }

  async send<T>(
    call: (auth: Auth) => Promise<T>,
    isRefusal: (error: unknown) => boolean,
  ): Promise<T> {
    const auth = this.#auth;
    try {
      return await call(auth);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // A secret that can't be read is no better answer than the service's own.
      await this.renew().catch(() => false);
      // Another call may have renewed it meanwhile.
      if (this.#auth === auth) throw error;
      return await call(this.#auth);
    }
  }
}
