import { rm } from 'node:fs/promises';
import type { TestRun } from './test-run';

export default async function globalTeardown(): Promise<void> {
  const { testRun } = globalThis as { testRun?: TestRun };
  await testRun?.temporal.close();
  if (testRun) await rm(testRun.runDir, { recursive: true, force: true });
}
