import { randomBytes } from 'node:crypto';
import { FolderArtifactStore } from '../artifacts/folder-store';
import { S3ArtifactStore } from '../artifacts/s3-store';
import { s3Credentials, type ArtifactSettings } from '../config/artifact-options';
import { ConfigurationError } from '../config/errors';
import { installationOf } from '../config/installation';
import type { SecretResolver } from '../config/secrets';

/** A store that the configuration names. */
export type ConfiguredStore = FolderArtifactStore | S3ArtifactStore;

/** Nothing is connected yet. */
export function openStore(
  { folder = '', s3 }: ArtifactSettings,
  secrets: SecretResolver,
): ConfiguredStore {
  if (s3 === undefined) return new FolderArtifactStore({ root: folder });
  const { accessKeyId: _id, secretAccessKey: _key, sessionToken: _token, ...place } = s3;
  return new S3ArtifactStore({ ...place, credentials: s3Credentials(s3, secrets) });
}

/** As in a folder: no artifact's key begins so. */
const installationKey = '.installation';

/**
 * The name of a deployment that is configured none: drawn once, and kept in its artifact store,
 * which all its workers and callers share.
 *
 * @throws ConfigurationError, ArtifactError where the store can't be used
 */
export async function installationIn(
  store: ConfiguredStore,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  if (store instanceof FolderArtifactStore) return installationOf(store.root);
  const drawn = `i-${randomBytes(5).toString('hex')}\n`;
  const kept = (await store.keepFirst(installationKey, drawn, signal)).trim();
  if (/^[a-z0-9-]{1,32}$/.test(kept)) return kept;
  throw new ConfigurationError([
    `The installation's name in ${store.place}/${installationKey} is something else: set "installation", or remove that object.`,
  ]);
}
