import { HttpTransport } from '../../clients/http/transport';
import type { JobSettings } from '../../config/options';
import { checkTimeoutMs, type Finding } from './finding';

/** Windows of time and tokens that run out bear about this much. */
const mostSkewMs = 60_000;

/** Of each service that answers at all: whether its clock goes as this machine's. */
export async function checkClocks({ connections }: Pick<JobSettings, 'connections'>) {
  const found = await Promise.all(
    Object.entries(connections).map(async ([name, { url }]) => {
      const skewMs = await clockSkewMs(url).catch(() => undefined);
      return skewMs === undefined ? [] : clockFinding(name, skewMs);
    }),
  );
  return found.flat();
}

/** By the Date header of whatever it answers, which tells whole seconds. */
async function clockSkewMs(baseUrl: string): Promise<number | undefined> {
  const transport = new HttpTransport({ baseUrl });
  const signal = AbortSignal.timeout(checkTimeoutMs);
  const sentAtMs = Date.now();
  try {
    const { headers } = await transport.bytes({ method: 'GET', path: '/', signal });
    const toldMs = Date.parse(headers.date ?? '');
    return Number.isNaN(toldMs) ? undefined : toldMs - (sentAtMs + Date.now()) / 2;
  } finally {
    await transport.close();
  }
}

export function clockFinding(connection: string, skewMs: number): Finding[] {
  if (Math.abs(skewMs) <= mostSkewMs) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return [
    {
      check: `clock of ${connection}`,
      status: 'warning',
      found: `the service's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`,
      cure: 'set both clocks by NTP: tasks are looked for in windows of time',
    },
  ];
}
