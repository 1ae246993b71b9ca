import type { LocalRequest } from '../../http/exchange';
import type { JobView, JobViews } from '../../http/view-actions';
import { failure, LinkisError } from '../envelope';
import { isTerminal, type TaskStatus } from '../history/task-row';

const historyEndpoints = ['jobhistory/get', 'jobhistory/list', 'jobhistory/list-taskids'];

type Change = (task: JobView) => JobView | undefined;

interface Shown {
  readonly task?: JobView;
  readonly tasks?: readonly JobView[];
  readonly totalPage?: number;
  readonly jobHistoryList?: readonly JobView[];
  readonly execID?: string;
  readonly status?: string;
}

/** Tasks in the answers of jobhistory and of the entrance's `status`. */
export const taskViews: JobViews = {
  endpoints: ['status', ...historyEndpoints],
  missing: historyEndpoints,
  map: ({ request }, reply, change) => {
    const json = ('json' in reply ? reply.json : {}) as { status?: number; data?: Shown };
    if (json.status !== 0 || json.data === undefined) return reply;
    const data = changed(json.data, request, change);
    if (data !== undefined) return { ...reply, json: { ...json, data } };
    return failure(request.path, new LinkisError(20011, 'The corresponding job was not found'));
  },
  idOf: (task) => String(task.taskID),
  isEnded: (task) => isTerminal(task.status as TaskStatus),
  beforeItsEnd: (task) => ({
    ...task,
    status: 'Running',
    ...('progress' in task && { progress: '0.5', errCode: null, errDesc: null }),
  }),
};

/** Undefined where the one task that was asked for is left out. */
function changed(data: Shown, request: LocalRequest, change: Change): Shown | undefined {
  const { task, tasks, jobHistoryList, totalPage = 0, execID, status } = data;
  const each = (list: readonly JobView[]) => list.flatMap((one) => change(one) ?? []);
  if (task !== undefined) {
    const shown = change(task);
    return shown && { ...data, task: shown };
  }
  if (jobHistoryList !== undefined) return { ...data, jobHistoryList: each(jobHistoryList) };
  if (tasks !== undefined) {
    const shown = each(tasks);
    return { ...data, tasks: shown, totalPage: totalPage - (tasks.length - shown.length) };
  }
  const taskID = request.query.get('taskID') ?? execID;
  const { status: word } = change({ taskID, status: status ?? '' }) ?? {};
  return { ...data, status: word };
}
