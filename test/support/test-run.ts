import type { LocalTemporal } from '../../src/local/temporal/local-temporal';

/** What one run of Jest has in common: made by global-setup, ended by global-teardown. */
export interface TestRun {
  readonly temporal: LocalTemporal;
  /** For what the specs of a run share on disk. */
  readonly runDir: string;
}

/** How Jest's worker processes learn of it. */
export const runVariables = {
  address: 'TEST_TEMPORAL_ADDRESS',
  runDir: 'TEST_RUN_DIR',
} as const;

/** @throws Error outside a run of Jest */
export function runVariable(name: keyof typeof runVariables): string {
  const value = process.env[runVariables[name]];
  if (value === undefined) throw new Error('test/support needs the globalSetup of jest.config.js');
  return value;
}
