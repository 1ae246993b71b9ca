import { createHash } from 'node:crypto';

/** Drawn once; run ids are version 5 UUIDs in it. */
const namespace = Buffer.from('9d3c4b0e8a3f4f0c9a5e6f1b7c2d8e40', 'hex');

/** The UUID that the same words always get (RFC 9562, version 5). */
export function runIdOf(...words: readonly string[]): string {
  const hash = createHash('sha1').update(namespace).update(JSON.stringify(words)).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
