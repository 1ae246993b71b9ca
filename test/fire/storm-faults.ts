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

/** Faults for a share of all calls, each kind as often as the others, drawn by the seed. */
export function stormFaults(share: number, seed: number): FaultScript {
  const each = 1 - (1 - share) ** (1 / kinds.length);
  return {
    faults: kinds.map((kind, index) => ({
      endpoint: '*',
      share: each,
      seed: seed * 100 + index,
      ...kind,
    })),
  };
}
