import type { JsonReply, StreamReply } from '../../http/exchange';
import type { JobView, JobViews } from '../../http/view-actions';
import { field } from '../envelope';
import { isEnded, type JobStatus } from '../job';
import { displayedJobs, listed } from '../manage';
import type { Service } from '../service';

const summaries = ['displayUserJobSummary', 'displayUserJobsSummary'];

interface ListedJobs {
  readonly jobDetails?: readonly SummaryView[];
}

type SummaryView = JobView & { readonly jobId: string };

/** Jobs in the two summaries, whichever shape they have. */
export function jobViews(service: Service): JobViews {
  return {
    endpoints: summaries,
    missing: summaries,
    map: ({ request }, sent, change) => {
      const reply = 'stream' in sent ? wholeList(sent, field(request, 'userId')) : sent;
      const json = ('json' in reply ? reply.json : {}) as { data?: ListedJobs | SummaryView };
      const { data } = json;
      if (data === undefined) return reply;
      const given = ('jobDetails' in data ? data.jobDetails : [data]) as readonly SummaryView[];
      const shown = given.flatMap((job) => (change(job) as SummaryView | undefined) ?? []);
      const asksForOne = request.path.endsWith('/displayUserJobSummary');
      if (asksForOne && shown.length < given.length) return service.unknownJob();
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

  function wholeList({ stream }: StreamReply, userId: string): JsonReply {
    stream.destroy();
    return displayedJobs(userId, service);
  }
}
