import tearDown from '../support/global-teardown';
import type { S3Gateway } from './gateway';

export default async function globalTeardown(): Promise<void> {
  await (globalThis as { s3Gateway?: S3Gateway }).s3Gateway?.stop();
  await tearDown();
}
