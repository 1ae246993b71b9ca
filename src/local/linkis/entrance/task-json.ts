import type { Job } from './job';

/** The caller's own keys with `requestIP` added, `<` and the like escaped as the server does. */
export function sourceJsonOf(source: Readonly<Record<string, string>>, requestIp: string): string {
  return JSON.stringify({ ...source, requestIP: requestIp }).replace(
    /[<>&='\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON text with the times of a task. */
export function metricsOf(job: Job): string {
  return JSON.stringify({
    submitTime: new Date(job.submittedAtMs).toISOString(),
    scheduleTime: job.startedAtMs && new Date(job.startedAtMs).toISOString(),
    completeTime: job.isOver ? new Date().toISOString() : undefined,
    yarnResource: runsOnYarn(job) ? { [applicationIdOf(job)]: yarnResourceOf(job) } : undefined,
  });
}

export function runsOnYarn(job: Job): boolean {
  return ['spark', 'hive', 'flink'].includes(job.request.engine) && job.startedAtMs !== undefined;
}

/** What the task's YARN application would use. */
export function yarnResourceOf(job: Job) {
  return {
    queueMemory: 9663676416,
    queueCores: 6,
    queueInstances: 0,
    jobStatus: job.isOver ? 'COMPLETED' : 'RUNNING',
    applicationId: applicationIdOf(job),
    queue: 'default',
  };
}

function applicationIdOf(job: Job): string {
  return `application_${job.submittedAtMs}_${String(job.taskID).padStart(4, '0')}`;
}
