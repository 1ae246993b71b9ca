import type { SecretResolver } from '../src/config/secrets';

/**
 * A service's words on their way into history: without any secret of the configuration, whichever
 * worker it was that sent it. A task's log prints its code with the variables filled in.
 */
export async function withoutSecrets(text: string, secrets: SecretResolver): Promise<string> {
  // Only a value that was read once can be recognised; one that can't be read was never sent.
  await Promise.allSettled(secrets.names.map((secret) => secrets.resolve({ secret })));
  return secrets.redact(text);
}
