import type { Fault, FaultScript } from '../../src/local/http/fault';

/** What can happen to any call. None of these is a definite answer: the job has to come through. */
const kinds: readonly Partial<Fault>[] = [
  { do: 'drop' },
  { do: 'drop', when: 'after' },
  { do: 'reset' },
  { do: 'reset', when: 'after' },
  { do: 'truncate' },
  { do: 'status', status: 500, text: 'Internal Server Error' },
  { do: 'status', status: 502, when: 'after', text: '<html>Bad Gateway</html>' },
  { do: 'status', status: 504, when: 'after', text: '<html>Gateway Time-out</html>' },
  { do: 'status', status: 503, retryAfter: 1 },
  { do: 'status', status: 429, retryAfter: 2 },
  { do: 'error', code: 500, message: 'The service is busy, please try again later' },
  { do: 'late', afterMs: 8000 },
  { do: 'none', delayMs: 3000 },
];

/**
 * Faults for a share of all calls, each kind as often as the others, drawn by the seed. Logins end
 * now and then at fixed calls: a credential that is refused twice in a row is refused for good.
 */
export function stormFaults(share: number, seed: number): FaultScript {
  const each = 1 - (1 - share) ** (1 / kinds.length);
  const logins = Array.from({ length: 200 }, (_, index) => 40 + 60 * index);
  return {
    faults: [
      { endpoint: '*', calls: logins, do: 'expireToken' },
      ...kinds.map((kind, index) => ({
        endpoint: '*',
        share: each,
        seed: seed * 100 + index,
        ...kind,
      })),
    ],
  };
}
