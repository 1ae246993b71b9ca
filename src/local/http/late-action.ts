import type { FaultAction } from './fault-actions';

interface LateFields {
  readonly afterMs?: number;
  readonly afterCallOf?: string;
}

/** The caller is cut off at once, and the call takes effect long after. */
export const late: FaultAction = {
  fields: { afterMs: 'milliseconds', afterCallOf: 'endpoint' },
  check: ({ afterMs, afterCallOf, when }) => {
    if (afterMs !== undefined && afterCallOf !== undefined) {
      return 'has both `afterMs` and `afterCallOf`; keep one of them';
    }
    return when === 'after' ? "can't be `late` and take effect first (`when: after`)" : undefined;
  },
  apply: ({ fault, effect, pause, nextEffect }) => {
    const { afterMs = 1000, afterCallOf } = fault as LateFields;
    const due = afterCallOf === undefined ? pause(afterMs) : nextEffect(afterCallOf);
    return { broken: 'reset', later: due.then(effect) };
  },
};
