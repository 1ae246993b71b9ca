import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Side } from './bench';

/**
 * Runs one side in a process of its own, so that its memory is its own.
 *
 * @param script a file beside this one that sends its side
 */
export async function inOwnProcess(
  script: string,
  order: { readonly name: string; readonly way: string },
): Promise<Side> {
  const child = fork(path.join(__dirname, script), [JSON.stringify(order)]);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`"${order.name}" ended without a figure`);
  });
  const [side] = (await Promise.race([once(child, 'message'), ended])) as [Side];
  ended.catch(() => undefined);
  return side;
}
