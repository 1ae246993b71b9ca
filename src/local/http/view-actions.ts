import type { LocalReply } from './exchange';
import type { Fault } from './fault';
import type { FaultAction, FaultedCall } from './fault-actions';

/** A job as an answer shows it. */
export type JobView = Readonly<Record<string, unknown>> & { readonly status: string };

/** How a vendor's answers show jobs. */
export interface JobViews {
  /** Those whose answers show jobs, and of these the ones that can miss a job. */
  readonly endpoints: readonly string[];
  readonly missing: readonly string[];
  /** The answer with each job changed; `undefined` leaves the job out. */
  readonly map: (
    call: FaultedCall,
    reply: LocalReply,
    change: (job: JobView) => JobView | undefined,
  ) => LocalReply;
  readonly idOf: (job: JobView) => string;
  readonly isEnded: (job: JobView) => boolean;
  /** An ended job as it was before it ended. */
  readonly beforeItsEnd: (job: JobView) => JobView;
}

/** For how long a fault distorts what is said of a job; without either, whenever it is due. */
export const whileFields = { looks: 'count', forMs: 'milliseconds' } as const;

interface Looked {
  looks: number;
  readonly sinceMs: number;
}

/** Counts a look at something, and says which it is (from 1) while the fault's time isn't up. */
export function lookAt({ fault, memory }: FaultedCall, what: string): number | undefined {
  const looked = (memory.get(what) as Looked | undefined) ?? { looks: 0, sinceMs: Date.now() };
  memory.set(what, looked);
  looked.looks += 1;
  const { looks = Infinity, forMs = Infinity } = fault as { looks?: number; forMs?: number };
  return looked.looks <= looks && Date.now() - looked.sinceMs < forMs ? looked.looks : undefined;
}

/** What is said of jobs is older than the truth, strange, or nothing at all. */
export function viewActions(views: JobViews): Readonly<Record<string, FaultAction>> {
  const { endpoints, missing, map, idOf, isEnded, beforeItsEnd } = views;
  const changing =
    (change: (job: JobView, call: FaultedCall) => JobView | undefined): FaultAction['apply'] =>
    async (call) =>
      map(call, await call.effect(), (job) => change(job, call));
  return {
    staleStatus: {
      endpoints,
      fields: whileFields,
      apply: changing((job, call) =>
        isEnded(job) && lookAt(call, idOf(job)) !== undefined ? beforeItsEnd(job) : job,
      ),
    },
    showStatus: {
      endpoints,
      fields: { ...whileFields, status: 'text', statuses: 'texts' },
      check: checkStatuses,
      apply: changing((job, call) => {
        const look = lookAt(call, idOf(job));
        const { status, statuses } = call.fault as { status?: string; statuses?: string[] };
        const word = look === undefined ? undefined : (status ?? statuses?.[look - 1]);
        return word === undefined ? job : { ...job, status: word };
      }),
    },
    missJob: {
      endpoints: missing,
      fields: whileFields,
      apply: changing((job, call) => (lookAt(call, idOf(job)) === undefined ? job : undefined)),
    },
  };
}

function checkStatuses({ status, statuses, looks }: Fault): string | undefined {
  if ((status === undefined) === (statuses === undefined)) {
    return 'needs either `status` (one word) or `statuses` (a word for each look)';
  }
  if (statuses !== undefined && looks !== undefined) {
    return 'has both `statuses` and `looks`; each word of `statuses` is one look';
  }
  return undefined;
}
