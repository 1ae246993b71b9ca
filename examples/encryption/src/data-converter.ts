import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec';
import { readKeys } from './keys';

/** The same for every worker and every client: `new Client({ connection, dataConverter })`. */
export function encryptingDataConverter(): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(readKeys())],
    failureConverterPath: require.resolve('./failure-converter'),
  };
}
