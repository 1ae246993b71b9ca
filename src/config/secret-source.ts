/** Where a secret's value is found. */
export type SecretOption =
  | { readonly env: string }
  | { readonly file: string }
  /** In code only, for a program that has the value already; a configuration file can't hold one. */
  | { readonly value: string };

/** A value that a program gave; nothing that prints objects shows it. */
export class LiteralSecret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  read(): string {
    return this.#value;
  }
}

/** A checked {@link SecretOption}; a file's path is absolute. */
export type SecretSource = { readonly env: string } | { readonly file: string } | LiteralSecret;
