import type { Vendor } from '../../contracts/names';
import { usageError } from '../errors';

/** One connection as it was asked for; where its secret is, never the secret. */
export interface ConnectionAnswers {
  readonly url: string;
  readonly user: string;
  readonly credential: CredentialAnswer;
}

export interface CredentialAnswer {
  readonly setting: 'secretKey' | 'token' | 'password';
  readonly source: { readonly env: string } | { readonly file: string };
}

export interface InitAnswers {
  readonly connections: Readonly<Partial<Record<Vendor, ConnectionAnswers>>>;
  readonly artifacts: string;
}

export interface InitOptions {
  readonly sqlflowUrl?: string;
  readonly sqlflowUser?: string;
  readonly sqlflowSecretKey?: string;
  readonly sqlflowToken?: string;
  readonly linkisUrl?: string;
  readonly linkisUser?: string;
  readonly linkisPassword?: string;
  readonly linkisToken?: string;
  readonly artifacts?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

export const defaultArtifacts = 'remote-jobs-artifacts';

/** The usual variables, which also work without any file. */
export const usualVariables: Readonly<Record<Vendor, CredentialAnswer>> = {
  sqlflow: { setting: 'secretKey', source: { env: 'SQLFLOW_SECRET_KEY' } },
  linkis: { setting: 'password', source: { env: 'LINKIS_PASSWORD' } },
};

/** @throws CommandError that names what is missing, where nobody can be asked */
export function answersOf(options: InitOptions): InitAnswers {
  const { sqlflowUrl, linkisUrl, artifacts = defaultArtifacts } = options;
  if (sqlflowUrl === undefined && linkisUrl === undefined) {
    throw usageError(
      'Nobody can be asked here: give --sqlflow-url and --sqlflow-user, or --linkis-url and --linkis-user, or both.',
    );
  }
  const { sqlflowUser, linkisUser } = options;
  return {
    artifacts,
    connections: {
      sqlflow: connectionOf('sqlflow', sqlflowUrl, sqlflowUser, credentialOf('sqlflow', options)),
      linkis: connectionOf('linkis', linkisUrl, linkisUser, credentialOf('linkis', options)),
    },
  };
}

function connectionOf(
  vendor: Vendor,
  url: string | undefined,
  user: string | undefined,
  credential: CredentialAnswer,
): ConnectionAnswers | undefined {
  if (url === undefined) return undefined;
  if (user === undefined) throw usageError(`--${vendor}-user is missing beside --${vendor}-url.`);
  return { url, user, credential };
}

export function credentialOf(vendor: Vendor, options: InitOptions): CredentialAnswer {
  const { sqlflowSecretKey, sqlflowToken, linkisPassword, linkisToken } = options;
  const given =
    vendor === 'sqlflow'
      ? ([
          ['secretKey', '--sqlflow-secret-key', sqlflowSecretKey],
          ['token', '--sqlflow-token', sqlflowToken],
        ] as const)
      : ([
          ['password', '--linkis-password', linkisPassword],
          ['token', '--linkis-token', linkisToken],
        ] as const);
  const [first, second] = given.filter(([, , value]) => value !== undefined);
  if (second !== undefined) throw usageError(`Give ${first?.[1]} or ${second[1]}, not both.`);
  if (first === undefined) return usualVariables[vendor];
  return { setting: first[0], source: sourceOf(first[1], first[2] ?? '') };
}

/** The value may be a secret that was typed by mistake, so it is never repeated. */
function sourceOf(flag: string, text: string): CredentialAnswer['source'] {
  const [, kind, where = ''] = /^(env|file):(.+)$/s.exec(text) ?? [];
  if (kind === 'file') return { file: where };
  if (kind === 'env' && isVariable(where)) return { env: where };
  throw usageError(
    `${flag} says where the secret is, never the secret itself: give env:NAME of a variable, or file:PATH.`,
  );
}

export function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
