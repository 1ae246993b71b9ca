import { readFile } from 'node:fs/promises';
import { own } from '../contracts/own';
import type { SecretRef } from '../contracts/secret';
import type { Environment } from './environment';
import { ConfigurationError } from './errors';
import { didYouMean } from './nearest';
import { Redactor } from './redactor';
import { LiteralSecret, type SecretSource } from './secret-source';

/**
 * Resolves secrets by name and takes every value it ever handed out of texts. Its fields are
 * private at run time too: whatever prints objects must not show what it holds.
 */
export class SecretResolver {
  #sources: Readonly<Record<string, SecretSource>>;
  readonly #env: Environment;
  readonly #redactor = new Redactor();

  /**
   * @param sources what `{ secret: NAME }` may name in an input
   * @param env where `{ env: NAME }` looks
   */
  constructor(sources: Readonly<Record<string, SecretSource>>, env: Environment) {
    this.#sources = sources;
    this.#env = env;
  }

  /** What `{ secret: NAME }` may name. */
  get names(): readonly string[] {
    return Object.keys(this.#sources);
  }

  /** What inputs may name from now on: where a newer configuration says that it is found. */
  reload(newer: SecretResolver): void {
    this.#sources = newer.#sources;
  }

  /**
   * The value that an input's reference names; read anew each time, so that a rotated one is taken.
   *
   * @throws ConfigurationError where the worker has no such secret
   */
  async resolve({ secret }: SecretRef): Promise<string> {
    const source = own(this.#sources, secret);
    if (source !== undefined) return this.read(source, `secrets.${secret}`);
    throw new ConfigurationError([
      `The worker has no secret "${secret}": add it under "secrets" as { env: NAME } or { file: PATH }.${didYouMean(secret, this.names)}`,
    ]);
  }

  /**
   * The value behind a source; a file's last line break is not part of it.
   *
   * @param what the setting, as an error names it
   * @param notSecret values that everybody knows, such as the user's name: they stay in texts
   * @throws ConfigurationError where it is missing, blank, or can't be read
   */
  async read(
    source: SecretSource,
    what: string,
    notSecret: readonly string[] = [],
  ): Promise<string> {
    const value = await this.valueOf(source, what);
    if (!notSecret.includes(value)) this.#redactor.remember(value);
    return value;
  }

  /** The text without any value that was handed out, also where it stands encoded. */
  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  /** How many lines of a text a value may stand in that was handed out. */
  get mostLines(): number {
    return this.#redactor.mostLines;
  }

  private async valueOf(source: SecretSource, what: string): Promise<string> {
    if (source instanceof LiteralSecret) return source.read();
    if ('env' in source) {
      const value = this.#env[source.env] ?? '';
      if (value.trim() !== '') return value;
      throw new ConfigurationError([
        `${what} is read from the environment variable ${source.env}, which is not set: set it where the worker runs.`,
      ]);
    }
    const value = await readSecretFile(source.file, what);
    if (value.trim() !== '') return value;
    throw new ConfigurationError([
      `${what} is read from the file ${source.file}, which is empty: write the secret into it.`,
    ]);
  }
}

async function readSecretFile(file: string, what: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? "doesn't exist" : `can't be read (${code})`;
    throw new ConfigurationError([
      `${what} is read from the file ${file}, which ${reason}: mend that, or name another.`,
    ]);
  }
}
