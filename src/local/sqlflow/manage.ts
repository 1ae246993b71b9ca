import { Readable } from 'node:stream';
import type { JsonReply, LocalReply, LocalRequest } from '../http/exchange';
import { field, flag, ok, refused } from './envelope';
import { again, submittedView, summaryView, type Job } from './job';
import type { Service } from './service';

/** displayUserJobSummary: one job, by its id or its name. */
export function displayJob(request: LocalRequest, userId: string, service: Service): LocalReply {
  const job = find(request, userId, service);
  if (job === undefined) return service.unknownJob();
  if (service.behaviour.summaryShape === 'list') return ok(listView([job], service));
  service.shownStale.delete(job);
  return ok(summaryView(job, service.behaviour));
}

/** displayUserJobsSummary: every job of the user, the latest first; a stream, since it has no pages. */
export function displayJobs(_: LocalRequest, userId: string, service: Service): LocalReply {
  const { store, rows, shownStale } = service;
  for (const job of shownStale) if (job.userId === userId) shownStale.delete(job);
  const stream = Readable.from(rows.list(store.ofUser(userId)), { objectMode: false });
  return { stream, contentType: 'application/json' };
}

/** The same as one value, for what changes it before it is sent. */
export function displayedJobs(userId: string, service: Service): JsonReply {
  return ok(listView([...service.store.ofUser(userId).newestFirst()], service));
}

function listView(jobs: readonly Job[], { behaviour, shownStale }: Service) {
  for (const job of jobs) shownStale.delete(job);
  return listed(jobs.map((job) => summaryView(job, behaviour)));
}

/** Jobs as the service lists them, counted by status. */
export function listed<View extends { readonly jobId: unknown; readonly status: string }>(
  jobDetails: readonly View[],
) {
  const count = (status: string) => jobDetails.filter((job) => job.status === status).length;
  return {
    total: jobDetails.length,
    success: count('success'),
    partialSuccess: count('partial_success'),
    fail: count('fail'),
    jobIds: jobDetails.map(({ jobId }) => jobId),
    jobDetails,
  };
}

export async function deleteUserJob(
  request: LocalRequest,
  userId: string,
  service: Service,
): Promise<LocalReply> {
  const job = find(request, userId, service);
  if (job === undefined) return service.unknownJob();
  service.runner.stop(job);
  await service.store.remove(job);
  return ok({ ...submittedView(job), status: 'delete' });
}

export function rerunJob(request: LocalRequest, userId: string, service: Service): LocalReply {
  return changed(request, userId, service, (job) => {
    again(job, 0);
    service.runner.start(job);
  });
}

export function setJobOnTop(request: LocalRequest, userId: string, service: Service): LocalReply {
  return changed(request, userId, service, (job) => {
    job.onTop = flag(request, 'onTop', true);
  });
}

export function listScheduleJobs(_: LocalRequest, userId: string, service: Service): LocalReply {
  return ok(
    listView(
      [...service.store.ofUser(userId).newestFirst()].filter(({ schedulable }) => schedulable),
      service,
    ),
  );
}

/** Schedules are kept and shown; nothing runs by them. */
export function changeSchedule(
  request: LocalRequest,
  userId: string,
  service: Service,
  change: { cancelSchedule?: boolean },
): LocalReply {
  return changed(request, userId, service, (job) => {
    if (!job.schedulable) return refused(service.behaviour.errorCode, 'The job has no schedule.');
    job.cancelSchedule = change.cancelSchedule ?? job.cancelSchedule;
    job.cronExpression = field(request, 'cronExpression') || job.cronExpression;
    return undefined;
  });
}

function changed(
  request: LocalRequest,
  userId: string,
  service: Service,
  change: (job: Job) => LocalReply | undefined | void,
): LocalReply {
  const job = find(request, userId, service);
  if (job === undefined) return service.unknownJob();
  const refusal = change(job);
  if (refusal) return refusal;
  service.store.save(job);
  return ok(submittedView(job));
}

/** The job that a call names by its id or, else, by its name. */
export function find(request: LocalRequest, userId: string, { store }: Service): Job | undefined {
  const jobId = field(request, 'jobId');
  if (jobId !== '') return store.find(userId, jobId);
  const jobName = field(request, 'jobName');
  return jobName === '' ? undefined : store.ofUser(userId).named(jobName);
}
