import type { JsonReply, LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import { failure, LinkisError, success } from '../envelope';
import type { SecuredRoute } from '../gateway';
import type { JobHistory } from '../history/job-history';
import { numberOf, textOf } from '../parameters';
import type { EntranceHost } from './entrance-host';
import type { Job } from './job';
import { fourParts, startOfPage } from './log-lines';
import { readExecute, readSubmit, type TaskRequest } from './submit-request';
import { runsOnYarn, yarnResourceOf } from './task-json';

/** Submit, follow and kill. */
export function entranceRoutes(
  host: EntranceHost,
  history: JobHistory,
  behaviour: LinkisBehaviour,
): SecuredRoute[] {
  return [
    {
      method: 'POST',
      path: '/entrance/submit',
      endpoint: 'submit',
      answer: submitting(readSubmit),
    },
    {
      method: 'POST',
      path: '/entrance/execute',
      endpoint: 'execute',
      answer: submitting(readExecute),
    },
    { method: 'GET', path: '/entrance/:execID/status', endpoint: 'status', answer: status },
    { method: 'GET', path: '/entrance/:execID/log', endpoint: 'log', answer: log },
    { method: 'GET', path: '/entrance/:execID/progress', endpoint: 'progress', answer: progress },
    {
      method: 'GET',
      path: '/entrance/:execID/progressWithResource',
      endpoint: 'progressWithResource',
      answer: progress,
    },
    {
      method: behaviour.killMethod,
      path: '/entrance/:execID/kill',
      endpoint: 'kill',
      takesEmptyBody: true,
      answer: (request, user) =>
        killOne(request, user, execIdIn(request), numberOf(request, 'taskID')),
    },
    { method: 'POST', path: '/entrance/:execID/killJobs', endpoint: 'killJobs', answer: killJobs },
  ];

  function submitting(read: (body: unknown, user: string) => TaskRequest) {
    return (request: LocalRequest, user: string): LocalReply => {
      const job = host.entrance.submit(read(request.json, user), user, '127.0.0.1');
      const { execID, taskID } = job;
      return {
        ...success(request.path, { execID, taskID }, 'Request executed successfully'),
        madeJob: String(taskID),
      };
    };
  }

  function status(request: LocalRequest): LocalReply {
    const execID = execIdIn(request);
    const job = host.entrance.find(execID);
    if (job !== undefined) job.heardOfAtMs = Date.now();
    const taskID = numberOf(request, 'taskID');
    if (job === undefined && taskID === undefined) {
      throw new LinkisError(20011, `The job with execID ${execID} doesn't exist, or has ended`);
    }
    // The real server too says Cancelled of a task that it has never seen.
    const state = job?.status ?? history.get(taskID ?? 0)?.status ?? 'Cancelled';
    return success(request.path, { execID, status: state }, 'Get status successful');
  }

  function log(request: LocalRequest): LocalReply {
    const job = jobIn(
      request,
      'The job you just executed has ended. This interface provides a non-distinct query; see the log file instead',
    );
    const fromLine = Math.max(0, numberOf(request, 'fromLine') ?? 0);
    const asked = numberOf(request, 'size') ?? 100;
    const start = startOfPage(fromLine, behaviour.logIndexBase);
    const lines = job.log.lines(start, asked < 0 ? 10_000 : asked);
    const isDistinct = textOf(request, 'distinctLevel') !== 'false';
    return success(
      request.path,
      {
        execID: job.execID,
        log: isDistinct ? fourParts(lines) : lines.join('\n'),
        fromLine: fromLine + lines.length,
      },
      'Return log information',
    );
  }

  function progress(request: LocalRequest): LocalReply {
    const job = jobIn(request, 'The job is not in memory, its progress can not be got');
    const resources = !request.path.endsWith('/progressWithResource')
      ? {}
      : runsOnYarn(job)
        ? { yarnMetrics: yarnMetricsOf(job) }
        : { yarnResource: null };
    return success(request.path, {
      ...resources,
      progress: job.progress,
      progressInfo: progressInfoOf(job),
      execID: job.execID,
    });
  }

  function killOne(
    request: LocalRequest,
    user: string,
    execID: string,
    taskID: number | undefined,
  ): JsonReply {
    const job = host.entrance.find(execID);
    if (job !== undefined) {
      // With the execID in memory, taskID is ignored: a reused execID kills another task.
      if (job.user !== user) {
        throw new LinkisError(20011, `${user} has no permission to kill the job of ${job.user}`);
      }
      host.entrance.kill(job, `killed by ${user}`);
      return success(request.path, { execID });
    }
    if (taskID === undefined) {
      throw new LinkisError(
        20011,
        `The job with execID ${execID} doesn't exist, can not be killed`,
      );
    }
    // Nobody holds it: the row is flipped, whoever asks, and what it knew is lost.
    history.update(taskID, {
      status: 'Cancelled',
      sourceJson: null,
      metrics: null,
      costTime: null,
    });
    return success(request.path, { execID }, 'Forced Kill task (强制杀死任务)');
  }

  function killJobs(request: LocalRequest, user: string): LocalReply {
    const { idList, taskIDList } = (request.json ?? {}) as Record<string, unknown>;
    if (
      !Array.isArray(idList) ||
      !Array.isArray(taskIDList) ||
      idList.length !== taskIDList.length
    ) {
      throw new LinkisError(20011, 'idList and taskIDList must be lists of the same length');
    }
    const messages = (idList as unknown[]).map((execID, index) => {
      try {
        const taskID = Number((taskIDList as unknown[])[index]);
        return killOne(request, user, String(execID), taskID).json;
      } catch (error) {
        if (!(error instanceof LinkisError)) throw error;
        return failure(request.path, error).json;
      }
    });
    return success(request.path, { messages });
  }

  function jobIn(request: LocalRequest, otherwise: string): Job {
    const job = host.entrance.find(execIdIn(request));
    if (job === undefined) throw new LinkisError(20011, otherwise);
    return job;
  }
}

function execIdIn(request: LocalRequest): string {
  return request.params.execID ?? '';
}

function progressInfoOf(job: Job) {
  if (job.status !== 'Running') return [];
  return [
    {
      id: `jobId-${job.done + 1}(linkis-${job.request.engine}-mix-code-${job.taskID})`,
      succeedTasks: job.done,
      failedTasks: 0,
      runningTasks: 1,
      totalTasks: job.total,
    },
  ];
}

function yarnMetricsOf(job: Job) {
  return {
    yarnResource: [yarnResourceOf(job)],
    memoryPercent: 0.009,
    memoryRGB: 'green',
    coreRGB: 'green',
    corePercent: 0.02,
  };
}
