import { readFileSync } from 'node:fs';

export interface Keys {
  /** The key that encrypts. */
  readonly current: string;
  /** By id; those that were current once decrypt what they encrypted. */
  readonly byId: ReadonlyMap<string, Buffer>;
}

/**
 * Reads keys from the file that `PAYLOAD_KEYS_FILE` names: a line a key, an id and 32 bytes in
 * base64, the current one first. Make one with
 * `echo "2026-01 $(openssl rand -base64 32)" > payload.keys`.
 */
export function readKeys(file = process.env.PAYLOAD_KEYS_FILE): Keys {
  if (!file) throw new Error('PAYLOAD_KEYS_FILE is not set: name the file with the payload keys');
  const byId = new Map<string, Buffer>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const [id = '', encoded = ''] = line.trim().split(/\s+/);
    const key = Buffer.from(encoded, 'base64');
    // The line itself must not stand in an error.
    if (key.length !== 32) throw new Error(`key "${id}" in ${file} is not 32 bytes in base64`);
    byId.set(id, key);
  }
  const [current] = byId.keys();
  if (current === undefined) throw new Error(`${file} holds no key`);
  return { current, byId };
}
