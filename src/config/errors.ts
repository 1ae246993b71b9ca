/** The configuration is wrong or lacks something; the message says which setting and what to do. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'Configuration.Invalid';

  /** @param problems one sentence each; never a secret's value */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
