import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes that are still referred to, buffers included: garbage is collected first, since how much of
 * it lies about depends on the machine.
 */
export function retainedBytes(): number {
  // Before each call: Jest makes a context for every spec, and the flag counts for new ones.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
