import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Keys } from './keys';

const { Payload: PayloadMessage } = temporal.api.common.v1;
const encoding = Buffer.from('binary/encrypted');
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts every payload with AES-256-GCM, a fresh nonce each: nonce, tag, then the whole payload,
 * its metadata included. The key's id is bound to it and stays readable, so that keys can change.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const id = Buffer.from(this.#keys.current);
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', this.#key(this.#keys.current), nonce).setAAD(id);
      const plain = PayloadMessage.encode(payload).finish();
      const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
      return {
        metadata: { encoding, 'encryption-key-id': id },
        data: Buffer.concat([nonce, cipher.getAuthTag(), encrypted]),
      };
    });
  }

  /** Passes on what isn't encrypted, such as what was written before there was a codec. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { metadata, data } = payload;
      if (!metadata?.encoding || !encoding.equals(metadata.encoding) || !data) return payload;
      const id = Buffer.from(metadata['encryption-key-id'] ?? []);
      const bytes = Buffer.from(data);
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', this.#key(id.toString()), nonce)
        .setAAD(id)
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const encrypted = bytes.subarray(nonceBytes + tagBytes);
      const plain = Buffer.concat([decipher.update(encrypted), decipher.final()]);
      return PayloadMessage.decode(plain);
    });
  }

  #key(id: string): Buffer {
    const key = this.#keys.byId.get(id);
    if (key === undefined)
      throw new Error(`a payload is encrypted with key "${id}", which is not in the key file`);
    return key;
  }
}
