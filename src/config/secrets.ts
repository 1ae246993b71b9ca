import { readFile } from 'node:fs/promises';
import { closest, distance } from 'fastest-levenshtein';
import type { SecretRef } from '../contracts/secret';
import { ConfigurationError } from './errors';
import type { SecretSource } from './schema';

/** Shorter values would redact half of every text; nobody's secret should be so short. */
const shortestRedacted = 4;

/** Resolves secrets by name and takes every value it ever handed out of texts. */
export class SecretResolver {
  private readonly forms = new Set<string>();

  /**
   * @param sources what `{ secret: NAME }` may name in an input
   * @param env where `{ env: NAME }` looks
   */
  constructor(
    private readonly sources: Readonly<Record<string, SecretSource>>,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /**
   * The value that an input's reference names; read anew each time, so that a rotated one is taken.
   *
   * @throws ConfigurationError where the worker has no such secret
   */
  async resolve({ secret }: SecretRef): Promise<string> {
    const source = Object.hasOwn(this.sources, secret) ? this.sources[secret] : undefined;
    if (source !== undefined) return this.read(source, `secret "${secret}"`);
    const names = Object.keys(this.sources);
    const near = names.length > 0 ? closest(secret, names) : '';
    const hint = near !== '' && distance(near, secret) <= 3 ? ` Did you mean "${near}"?` : '';
    throw new ConfigurationError([
      `The worker has no secret "${secret}": add it under "secrets" as { env: NAME } or { file: PATH }.${hint}`,
    ]);
  }

  /** The value behind `{ env }` or `{ file }`; a file's last line break is not part of it. */
  async read(source: SecretSource, what: string): Promise<string> {
    let value: string | undefined;
    if ('env' in source) {
      value = this.env[source.env];
      if (value === undefined || value === '') {
        throw new ConfigurationError([
          `${what} is read from the environment variable ${source.env}, which is not set.`,
        ]);
      }
    } else {
      try {
        value = (await readFile(source.file, 'utf8')).replace(/\r?\n$/, '');
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
        throw new ConfigurationError([
          `${what} is read from the file ${source.file}, which can't be read (${reason}).`,
        ]);
      }
      if (value === '') {
        throw new ConfigurationError([
          `${what} is read from the file ${source.file}, which is empty.`,
        ]);
      }
    }
    this.remember(value);
    return value;
  }

  /** The text without any value that was handed out, also where it stands encoded. */
  redact(text: string): string {
    let clean = text;
    for (const form of this.forms) clean = clean.replaceAll(form, '[redacted]');
    return clean;
  }

  private remember(value: string): void {
    if (value.length < shortestRedacted) return;
    this.forms.add(value);
    this.forms.add(encodeURIComponent(value));
    this.forms.add(Buffer.from(value).toString('base64'));
    this.forms.add(JSON.stringify(value).slice(1, -1));
  }
}
