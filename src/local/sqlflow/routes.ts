import type { LocalReply, LocalRequest } from '../http/exchange';
import type { Route } from '../http/routes';
import { accessDenied, field, refused } from './envelope';
import { exportCsv, exportFullJson, exportGraphml, exportJson } from './export';
import * as manage from './manage';
import type { Quota } from './quota';
import type { Service } from './service';
import { submitPersistJob, submitUserJob } from './submit';

type JobHandler = (
  request: LocalRequest,
  userId: string,
  service: Service,
) => Promise<LocalReply> | LocalReply;

/** By the last part of their path, which is also the name in fault scripts. */
const jobEndpoints: Readonly<Record<string, JobHandler>> = {
  submitUserJob,
  submitPersistJob,
  displayUserJobSummary: manage.displayJob,
  displayUserJobsSummary: manage.displayJobs,
  exportLineageAsJson: exportJson,
  exportFullLineageAsJson: exportFullJson,
  exportFullLineageAsCsv: exportCsv,
  exportLineageAsCsv: exportCsv,
  exportLineageAsGraphml: exportGraphml,
  deleteUserJob: manage.deleteUserJob,
  rerunJob: manage.rerunJob,
  setJobOnTop: manage.setJobOnTop,
  listScheduleJobs: manage.listScheduleJobs,
  pauseScheduleJob: (request, userId, service) =>
    manage.changeSchedule(request, userId, service, { cancelSchedule: true }),
  resumeScheduleJob: (request, userId, service) =>
    manage.changeSchedule(request, userId, service, { cancelSchedule: false }),
  updateScheduleJob: (request, userId, service) =>
    manage.changeSchedule(request, userId, service, {}),
};

/** Every endpoint under the prefix, each with its checks. */
export function routesOf(service: Service, prefix: string, quota: Quota): Route[] {
  const guarded = (endpoint: string, path: string, handle: Route['handler']): Route => ({
    method: 'POST',
    pattern: `${prefix}${path}`,
    endpoint,
    handler: (request) =>
      isJson(request) ?? quota.exceeded(field(request, 'userId')) ?? handle(request),
  });
  const generateToken = guarded('generateToken', '/user/generateToken', async (request) => {
    const userId = field(request, 'userId');
    const { accounts, behaviour } = service;
    const voidsOlder = behaviour.newTokenVoidsOlder;
    const token = await accounts.issue(userId, field(request, 'secretKey'), voidsOlder);
    // Here, and only here, the code is a string and the token lies on top.
    return token ? { json: { code: '200', userId, token } } : refused('401', accessDenied);
  });
  const jobs = Object.entries(jobEndpoints).map(([endpoint, handle]) =>
    guarded(endpoint, `/sqlflow/job/${endpoint}`, (request) => {
      const userId = field(request, 'userId');
      const allowed = service.accounts.allows(userId, field(request, 'token'));
      return allowed ? handle(request, userId, service) : refused(401, accessDenied);
    }),
  );
  return [generateToken, ...jobs];
}

/** Only forms are read. */
function isJson(request: LocalRequest): LocalReply | undefined {
  if (!(request.headers['content-type'] ?? '').includes('json')) return undefined;
  return springError(400, 'Bad Request', request.path);
}

/** How the vendor's web server words what never reaches an endpoint. */
export function springError(status: number, error: string, path: string): LocalReply {
  return { status, json: { timestamp: new Date().toISOString(), status, error, path } };
}
