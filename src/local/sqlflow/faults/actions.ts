import type { FaultAction } from '../../http/fault-actions';
import { quotaAction } from '../../http/quota-action';
import { lookAt, viewActions, whileFields } from '../../http/view-actions';
import { field, ok } from '../envelope';
import { again, submittedView, summaryView, type Job } from '../job';
import { find } from '../manage';
import { usedUp } from '../quota';
import type { Service } from '../service';
import { renamed } from '../submit';
import { jobViews } from './job-views';

/** Calls that name a job by its jobId. */
const naming = [
  'submitPersistJob',
  'displayUserJobSummary',
  'exportLineageAsJson',
  'exportFullLineageAsJson',
  'exportFullLineageAsCsv',
  'exportLineageAsCsv',
  'exportLineageAsGraphml',
  'deleteUserJob',
];

/** The words for `do:` that the local SQLFlow adds. */
export function sqlflowActions(service: Service): Readonly<Record<string, FaultAction>> {
  const { store, behaviour, shownStale } = service;
  const views = jobViews(service);
  /** Somebody else does something to the job that a call names; `when` says on which side of it. */
  const another = (does: (job: Job) => Promise<void> | void): FaultAction => ({
    endpoints: naming,
    apply: async ({ request, effect }) => {
      const job = store.find(field(request, 'userId'), field(request, 'jobId'));
      if (job !== undefined) await does(job);
      return effect();
    },
  });
  return {
    ...viewActions(views),
    staleSuccess: {
      endpoints: views.endpoints,
      fields: whileFields,
      apply: async (call) => {
        const userId = field(call.request, 'userId');
        return views.map(call, await call.effect(), (shown) => {
          const job = store.find(userId, String(shown.jobId));
          if (job?.previous === undefined) return shown;
          if (lookAt(call, `${job.jobId} ${job.revision}`) === undefined) return shown;
          shownStale.add(job);
          return summaryView(job, behaviour, true);
        });
      },
    },
    pretend: {
      endpoints: ['deleteUserJob'],
      apply: ({ request, effect }) => {
        const job = find(request, field(request, 'userId'), service);
        return job === undefined ? effect() : ok({ ...submittedView(job), status: 'delete' });
      },
    },
    newJobId: {
      endpoints: ['submitPersistJob'],
      apply: async ({ request, effect }) => {
        const reply = await effect();
        const { code } = ('json' in reply ? reply.json : {}) as { code?: number };
        const job = store.find(field(request, 'userId'), field(request, 'jobId'));
        if (code !== 200 || job === undefined) return reply;
        return ok(submittedView(renamed(job, service)));
      },
    },
    otherWriter: another((job) => {
      again(job, 0);
      store.save(job);
      service.runner.start(job);
    }),
    otherDeletes: another(async (job) => {
      service.runner.stop(job);
      await store.remove(job);
    }),
    quota: quotaAction(usedUp),
  };
}
