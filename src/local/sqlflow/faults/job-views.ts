import type { JobView, JobViews } from '../../http/view-actions';
import { isEnded, type JobStatus } from '../job';
import { listed } from '../manage';
import type { Service } from '../service';

const summaries = ['displayUserJobSummary', 'displayUserJobsSummary'];

interface ListedJobs {
  readonly jobDetails?: readonly SummaryView[];
}

type SummaryView = JobView & { readonly jobId: string };

/** Jobs in the two summaries, whichever shape they have. */
export function jobViews({ unknownJob }: Service): JobViews {
  return {
    endpoints: summaries,
    missing: summaries,
    map: ({ request }, reply, change) => {
      const json = ('json' in reply ? reply.json : {}) as { data?: ListedJobs | SummaryView };
      const { data } = json;
      if (data === undefined) return reply;
      const given = ('jobDetails' in data ? data.jobDetails : [data]) as readonly SummaryView[];
      const shown = given.flatMap((job) => (change(job) as SummaryView | undefined) ?? []);
      const asksForOne = request.path.endsWith('/displayUserJobSummary');
      if (asksForOne && shown.length < given.length) return unknownJob();
      return {
        ...reply,
        json: { ...json, data: 'jobDetails' in data ? listed(shown) : shown[0] },
      };
    },
    idOf: (job) => String(job.jobId),
    isEnded: (job) => isEnded(job.status as JobStatus),
    beforeItsEnd: ({ sessionId: _sessionId, errorMessage: _errorMessage, ...job }) => ({
      ...job,
      status: 'process',
      executeTime: '0min 0sec',
      executeTimeMillis: 0,
    }),
  };
}
