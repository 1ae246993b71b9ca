import type { LocalReply } from './exchange';
import type { FaultAction } from './fault-actions';

interface QuotaFields {
  readonly allowed?: number;
  readonly periodMs?: number;
  readonly code?: number | string;
}

interface Period {
  readonly sinceMs: number;
  calls: number;
}

/**
 * So many calls in a period, which begins with its first call; then HTTP 429 with Retry-After, or
 * HTTP 200 with an error code inside where the fault names one.
 */
export function quotaAction(
  refusal: (allowed: number) => { readonly text: string } | { readonly json: unknown },
): FaultAction {
  return {
    fields: { allowed: 'count', periodMs: 'milliseconds', code: 'number or text' },
    check: ({ allowed }) =>
      allowed === undefined ? 'needs `allowed`, the calls that a period allows' : undefined,
    apply: ({ fault, memory, effect, envelopeFault }): LocalReply | Promise<LocalReply> => {
      const { allowed = 1, periodMs = 60_000, code } = fault as QuotaFields;
      const now = Date.now();
      let period = memory.get('period') as Period | undefined;
      if (period === undefined || period.sinceMs + periodMs <= now) {
        period = { sinceMs: now, calls: 0 };
        memory.set('period', period);
      }
      period.calls += 1;
      if (period.calls <= allowed) return effect();
      if (code !== undefined) return envelopeFault(code, 'The quota of the plan is used up.');
      const restSeconds = Math.ceil((period.sinceMs + periodMs - now) / 1000);
      return {
        ...refusal(allowed),
        status: 429,
        headers: { 'retry-after': String(restSeconds) },
      };
    },
  };
}
