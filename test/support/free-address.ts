import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Starts what can't take port 0 on a free address of this machine. Another process may take it
 * meanwhile: then it is tried with another one.
 */
export async function onFreeAddress<Started>(
  start: (address: string) => Promise<Started>,
): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    const claim = createServer().listen(0, '127.0.0.1');
    await once(claim, 'listening');
    const { port } = claim.address() as AddressInfo;
    claim.close();
    await once(claim, 'close');
    try {
      return await start(`127.0.0.1:${port}`);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
