import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import { execIdOf } from '../entrance/exec-id';
import { LinkisError, success } from '../envelope';
import type { SecuredRoute } from '../gateway';
import { numberOf, textOf } from '../parameters';
import type { JobHistory } from './job-history';
import { isTerminal, type TaskRow } from './task-row';

const mostTaskIds = 30;

/** What became of tasks. */
export function historyRoutes(history: JobHistory, behaviour: LinkisBehaviour): SecuredRoute[] {
  const routes: SecuredRoute[] = [
    { method: 'GET', path: '/jobhistory/:id/get', endpoint: 'jobhistory/get', answer: getOne },
    { method: 'GET', path: '/jobhistory/list', endpoint: 'jobhistory/list', answer: list },
  ];
  if (behaviour.listTaskIds) {
    routes.push({
      method: 'GET',
      path: '/jobhistory/list-taskids',
      endpoint: 'jobhistory/list-taskids',
      answer: listTaskIds,
    });
  }
  return routes;

  function getOne(request: LocalRequest, user: string): LocalReply {
    const row = history.get(Number(request.params.id));
    if (row === undefined || row.umUser !== user) {
      throw new LinkisError(
        20011,
        `The corresponding job was not found: ${request.params.id} (or you have no permission to see it)`,
      );
    }
    const hidden = isTerminal(row.status) ? {} : { errCode: null, errDesc: null };
    const code = behaviour.executionCodeInGet ? row.executionCode : null;
    return success(null, { task: { ...viewOf(row), ...hidden, executionCode: code } });
  }

  function list(request: LocalRequest, user: string): LocalReply {
    const rows = history.list({
      user,
      taskID: numberOf(request, 'taskID'),
      status: textOf(request, 'status')?.split(','),
      createdFrom: numberOf(request, 'startDate'),
      createdTo: numberOf(request, 'endDate'),
      executeApplicationName: textOf(request, 'executeApplicationName'),
      creator: textOf(request, 'creator'),
      instance: textOf(request, 'instance'),
    });
    const page = pageOf(
      rows,
      numberOf(request, 'pageNow') ?? 1,
      numberOf(request, 'pageSize') ?? 20,
    );
    // What is called totalPage is the number of rows.
    return success(null, { tasks: page.map(viewOf), totalPage: rows.length });
  }

  function listTaskIds(request: LocalRequest, user: string): LocalReply {
    const ids = (textOf(request, 'taskID') ?? '').split(',').filter((id) => id.trim() !== '');
    if (ids.length === 0) throw new LinkisError(20011, 'The parameter taskID is empty');
    if (ids.length > mostTaskIds) {
      throw new LinkisError(
        20011,
        `At most ${mostTaskIds} task ids can be asked for, not ${ids.length}`,
      );
    }
    const rows = ids.flatMap((id) => history.get(Number(id)) ?? []);
    return success(null, {
      jobHistoryList: rows.filter((row) => row.umUser === user).map(viewOf),
    });
  }
}

/** A page after the last one is the last one again; size 0 is everything. */
function pageOf(rows: TaskRow[], pageNow: number, pageSize: number): TaskRow[] {
  if (pageSize <= 0) return rows;
  const last = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(Math.max(1, pageNow), last);
  return rows.slice((page - 1) * pageSize, page * pageSize);
}

/** A row as the service shows it; a forced kill has emptied costTime, a running task's grows. */
function viewOf(row: TaskRow) {
  const { submittedSource: _, ...shown } = row;
  return {
    ...shown,
    costTime: isTerminal(row.status) ? row.costTime : Date.now() - row.createdTime,
    strongerExecId: execIdOf(row.instance, row.execId),
    canRetry: false,
    observeInfo: null,
  };
}
