import { Readable } from 'node:stream';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ArtifactRef } from '../../src/contracts/artifact';

/** Stores a small value as JSON that a person can read. */
export function putJson(
  store: ArtifactStore,
  key: string,
  value: unknown,
  signal: AbortSignal,
): Promise<ArtifactRef> {
  const body = Readable.from([`${JSON.stringify(value, undefined, 2)}\n`]);
  return store.put(key, body, { format: 'json', signal });
}
