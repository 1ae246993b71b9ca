import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from './atomic-file';

/** The cloud user who fetches tokens, and the on-premise user whose token is the word `token`. */
const secretKeys: Readonly<Record<string, string>> = { demo: 'demo-secret' };
const literalTokens: Readonly<Record<string, string>> = { 'gudu|0123456789': 'token' };

interface IssuedToken {
  readonly userId: string;
  readonly issuedAtMs: number;
}

/** Users and the tokens that they hold. */
export class Accounts {
  readonly #file: string;
  #tokens = new Map<string, IssuedToken>();

  private constructor(
    dir: string,
    private readonly tokenTtlMs: number,
  ) {
    this.#file = path.join(dir, 'tokens.json');
  }

  /** `tokenTtlMs` of 0 or less means for ever. */
  static async open(dir: string, tokenTtlMs: number): Promise<Accounts> {
    const accounts = new Accounts(dir, tokenTtlMs);
    const saved = await readFile(accounts.#file, 'utf8').catch(() => '[]');
    accounts.#tokens = new Map(JSON.parse(saved) as [string, IssuedToken][]);
    return accounts;
  }

  /** A token for the right secret key. */
  async issue(userId: string, secretKey: string, voidOlder: boolean): Promise<string | undefined> {
    if (!Object.hasOwn(secretKeys, userId) || secretKeys[userId] !== secretKey) return undefined;
    if (voidOlder) this.#drop((token) => token.userId === userId);
    this.#drop((token) => this.#expired(token));
    const token = randomBytes(24).toString('hex');
    this.#tokens.set(token, { userId, issuedAtMs: Date.now() });
    await this.#save();
    return token;
  }

  allows(userId: string, token: string): boolean {
    if (Object.hasOwn(literalTokens, userId) && literalTokens[userId] === token) return true;
    const issued = this.#tokens.get(token);
    return issued !== undefined && issued.userId === userId && !this.#expired(issued);
  }

  /** Lets a token expire at once. */
  forget(token: string): void {
    this.#tokens.delete(token);
    void this.#save().catch(() => undefined);
  }

  #expired(token: IssuedToken): boolean {
    return this.tokenTtlMs > 0 && token.issuedAtMs + this.tokenTtlMs <= Date.now();
  }

  #drop(which: (token: IssuedToken) => boolean): void {
    for (const [token, issued] of this.#tokens) if (which(issued)) this.#tokens.delete(token);
  }

  #save(): Promise<void> {
    return writeAtomically(this.#file, JSON.stringify([...this.#tokens]));
  }
}
