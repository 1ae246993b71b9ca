import type { LocalReply, LocalRequest } from '../http/exchange';
import { field, flag, ok, refused } from './envelope';
import {
  addRun,
  again,
  isEnded,
  newId,
  submittedView,
  type Job,
  type LineageSettings,
} from './job';
import type { Service } from './service';
import { keepUploads } from './uploads';

/** submitUserJob: a simple job. */
export async function submitUserJob(
  request: LocalRequest,
  userId: string,
  service: Service,
): Promise<LocalReply> {
  const wrong = missing(request, true) ?? nameTaken(request, userId, service);
  if (wrong) return wrong;
  return created(await create(request, userId, service, false));
}

/** submitPersistJob: without a jobId it makes a job, with one it adds to it. */
export async function submitPersistJob(
  request: LocalRequest,
  userId: string,
  service: Service,
): Promise<LocalReply> {
  const { store, behaviour } = service;
  const jobId = field(request, 'jobId');
  if (jobId === '') {
    const wrong = missing(request, true) ?? nameTaken(request, userId, service);
    return wrong ?? created(await create(request, userId, service, true));
  }
  const wrong = missing(request, false);
  if (wrong) return wrong;
  const job = store.find(userId, jobId);
  if (job === undefined) {
    if (behaviour.unknownJobId === 'error') return service.unknownJob();
    return created(await create(request, userId, service, true));
  }
  if (!job.persist) return refused(behaviour.errorCode, `Job ${jobId} is not a regular job.`);
  if (!isEnded(job.status) && behaviour.submitWhileRunning === 'reject') {
    return refused(behaviour.errorCode, `Job ${jobId} is running.`);
  }
  await resubmit(job, request, service);
  const answered = behaviour.resubmitJobId === 'same' ? job : renamed(job, service);
  return ok(submittedView(answered));
}

function created(job: Job): LocalReply {
  return { ...ok(submittedView(job)), madeJob: job.jobId };
}

function missing(request: LocalRequest, needsName: boolean): LocalReply | undefined {
  if (needsName && field(request, 'jobName') === '') return refused(500, "jobName can't be empty.");
  const files = request.files.filter(isSql);
  if (files.length === 0 && field(request, 'hostname') === '') {
    return refused(500, 'sqlfiles or a database source is needed.');
  }
  return undefined;
}

function nameTaken(
  request: LocalRequest,
  userId: string,
  service: Service,
): LocalReply | undefined {
  if (service.behaviour.duplicateJobName === 'accept') return undefined;
  const name = field(request, 'jobName');
  const taken = service.store.ofUser(userId).named(name);
  return taken ? refused(service.behaviour.errorCode, `Job name ${name} is taken.`) : undefined;
}

async function create(
  request: LocalRequest,
  userId: string,
  service: Service,
  persist: boolean,
): Promise<Job> {
  const { store, runner } = service;
  const now = Date.now();
  const job: Job = {
    jobId: newId(),
    userId,
    jobName: field(request, 'jobName'),
    dbVendor: field(request, 'dbvendor') || 'dbvoracle',
    persist,
    settings: settingsOf(request),
    defaultDatabase: field(request, 'defaultDatabase') || undefined,
    defaultSchema: field(request, 'defaultSchema') || undefined,
    createdAtMs: now,
    number: store.nextNumber(),
    parallel: flag(request, 'parallel'),
    incremental: persist && flag(request, 'incremental', true),
    schedulable: persist && flag(request, 'schedulable'),
    cancelSchedule: false,
    cronExpression: field(request, 'cronExpression') || undefined,
    onTop: flag(request, 'onTop'),
    dataSource: dataSourceOf(request),
    uploads: [],
    replaced: [],
    revision: 1,
    status: 'create',
    submittedAtMs: now,
    subJobs: [],
  };
  store.prepare(job);
  job.uploads = await keepUploads(request.files.filter(isSql), store.folder(job));
  addRun(job);
  store.add(job);
  runner.start(job);
  return job;
}

/** Another submit of the same job; an incremental one keeps the files that it doesn't name. */
async function resubmit(job: Job, request: LocalRequest, service: Service): Promise<void> {
  const { store, runner, behaviour } = service;
  const sent = await keepUploads(request.files.filter(isSql), store.folder(job));
  const names = new Set(sent.map(({ name }) => name));
  job.incremental = flag(request, 'incremental', true);
  const keeps = job.incremental && behaviour.unsentFiles === 'keep';
  const kept = keeps ? job.uploads.filter(({ name }) => !names.has(name)) : [];
  const dropped = job.uploads.filter((upload) => !kept.includes(upload));
  job.replaced.push(...dropped.map(({ blob }) => blob));
  job.uploads = [...kept, ...sent];
  job.onTop = flag(request, 'onTop', job.onTop);
  if (behaviour.resubmitName === 'take') job.jobName = field(request, 'jobName') || job.jobName;
  job.dataSource = dataSourceOf(request);
  again(job, behaviour.staleSuccessMs);
  if (behaviour.resubmitStatus === 'process') job.status = 'process';
  store.save(job);
  runner.start(job);
}

/** A server that answers a resubmit with another jobId: the job goes on under the new one. */
export function renamed(job: Job, { runner, store }: Service): Job {
  runner.stop(job);
  const moved = store.rename(job, newId());
  runner.start(moved);
  return moved;
}

function isSql(file: { field: string; fileName: string }): boolean {
  return file.field === 'sqlfiles' && file.fileName !== '';
}

/** Where the SQL should come from; a password is read by nobody here and kept nowhere. */
function dataSourceOf(request: LocalRequest): Record<string, string | number> {
  const hostname = field(request, 'hostname');
  if (hostname === '') return {};
  const port = Number(field(request, 'port'));
  const database = field(request, 'database');
  return {
    hostname,
    ...(Number.isInteger(port) && port > 0 && { port }),
    account: field(request, 'account'),
    ...(database && { database }),
  };
}

function settingsOf(request: LocalRequest): LineageSettings {
  return {
    showRelationType: field(request, 'showRelationType') || 'fdd',
    ignoreRecordSet: flag(request, 'ignoreRecordSet', true),
    ignoreFunction: flag(request, 'ignoreFunction', true),
    showConstantTable: flag(request, 'showConstantTable'),
    showTransform: flag(request, 'showTransform'),
    treatArgumentsInCountFunctionAsDirectDataflow: flag(
      request,
      'treatArgumentsInCountFunctionAsDirectDataflow',
    ),
  };
}
