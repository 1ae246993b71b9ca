import { once } from 'node:events';
import { createServer } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** The usual port where nobody has it, else 0: any free one. */
export async function usualPort(port: number): Promise<number> {
  const claim = createServer().listen(port, '127.0.0.1');
  try {
    await once(claim, 'listening');
    return port;
  } catch {
    return 0;
  } finally {
    claim.close();
  }
}

/** For options that take a port. */
export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Give a port, 0 to 65535.');
  return port;
}
