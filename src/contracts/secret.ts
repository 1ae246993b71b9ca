/**
 * The name of a secret, resolved by the worker inside the activity that needs it. It stands
 * wherever an input value may hold a credential, so that the value never reaches history.
 */
export interface SecretRef {
  readonly secret: string;
}

export function isSecretRef(value: unknown): value is SecretRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 1 &&
    typeof (value as { secret?: unknown }).secret === 'string' &&
    (value as SecretRef).secret.trim() !== ''
  );
}

/** Keys whose value is a credential by the field's custom: `password`, `jdbc.password`, `s3.secretKey`, … */
const secretKey =
  /(^|[._-])(password|passwd|pwd|secret|secret[._-]?key|access[._-]?key|private[._-]?key|token|credential|credentials|api[._-]?key)$/i;
/** The same words at the end of a camel-cased key: `dbPassword`, `accessToken`. */
const camelSecretKey =
  /[a-z0-9](Password|Passwd|Pwd|Secret|SecretKey|AccessKey|PrivateKey|Token|Credential|Credentials|ApiKey)$/;

/** True for a configuration key that must be given as `{ secret: NAME }`, never as a literal. */
export function holdsSecret(key: string): boolean {
  return secretKey.test(key) || camelSecretKey.test(key);
}
