import { LimitError, type Limits } from '../src/contracts/limits';

/** A file that a service made, as it streams; fails once it is larger than `limits.maxExportBytes`. */
export async function* limitedExport(
  body: AsyncIterable<Uint8Array | string>,
  { maxExportBytes }: Pick<Limits, 'maxExportBytes'>,
): AsyncGenerator<Uint8Array | string> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += Buffer.byteLength(chunk);
    if (sizeBytes > maxExportBytes) {
      throw new LimitError(
        'maxExportBytes',
        maxExportBytes,
        'the file that the service sends is larger',
        'ask for less of it',
      );
    }
    yield chunk;
  }
}
