import { jsonBytes } from './history-size';
import type { KillReport } from './job';
import type { Vendor } from './names';

/** The workflow that looks for orphans, as a client or a schedule starts it. */
export const orphansWorkflowType = 'remoteJobsOrphans';

/** What `remoteJobsOrphans` is to do. */
export interface OrphansInput {
  /** Kills what is found, by the ordinary rules. @default false */
  readonly kill?: boolean;
  /** Only the jobs of this connection. @default all of the worker's */
  readonly connection?: string;
}

/** A remote job of this installation that is under way on its service. */
export interface JobUnderWay {
  readonly vendor: Vendor;
  readonly connection: string;
  /** The Linkis user whose task it is. */
  readonly user?: string;
  /** SQLFlow jobId or Linkis taskID. */
  readonly remoteId: string;
  /** SQLFlow's jobName, or the engine that a Linkis task runs on. At most 200 characters. */
  readonly name: string;
  /** The service's own word. */
  readonly status: string;
  /** The workflow that submitted it; absent where only a hash of its id is known. */
  readonly workflowId?: string;
  /** The first 12 characters of the submission's key. */
  readonly shortKey: string;
  /** Why it is listed where it is: a sentence. */
  readonly reason: string;
}

export interface OrphanedJob extends JobUnderWay {
  /** Only where a kill was asked for. */
  readonly kill?: KillReport;
}

/** One account of one service, and what it had. */
export interface OrphanLook {
  readonly vendor: Vendor;
  readonly connection: string;
  /** The Linkis user whose tasks were listed. */
  readonly user?: string;
  /** Jobs under way, whoever submitted them. */
  readonly underWay: number;
  /** Those of this installation and namespace. */
  readonly own: number;
  /** Why the account could not be asked, or not to the end; its jobs are judged as far as they were seen. */
  readonly problem?: string;
}

/** What `remoteJobsOrphans` answers. */
export interface OrphansReport {
  readonly installation: string;
  /** Temporal's. */
  readonly namespace: string;
  readonly looks: readonly OrphanLook[];
  /** Their workflow is definitely closed, or Temporal doesn't know it. */
  readonly orphans: readonly OrphanedJob[];
  /** Left running on purpose: persist jobs, and jobs with `onCancel: 'abandon'`. Never killed. */
  readonly abandoned: readonly JobUnderWay[];
  /** Whose workflow can't be told for sure. Never killed. */
  readonly unjudged: readonly JobUnderWay[];
  /** Jobs that found no room in the lists above, which hold about 1 MiB. */
  readonly leftOut: number;
}

/** What one run kills at most; the rest is for the next one. */
export const killsPerRun = 200;

/** A report must fit into history, with the kill reports that are still to come. */
const reportBytes = 2 ** 20;

/** Cuts a report to what fits into history; what matters most stays, and the rest is counted. */
export function fitReport(report: Omit<OrphansReport, 'leftOut'>): OrphansReport {
  let leftBytes = reportBytes - jsonBytes({ ...report, orphans: [], abandoned: [], unjudged: [] });
  let leftOut = 0;
  const fitting = (jobs: readonly JobUnderWay[]) =>
    jobs.filter((job) => {
      const sizeBytes = jsonBytes(job) + 1;
      const fits = sizeBytes <= leftBytes;
      if (fits) leftBytes -= sizeBytes;
      else leftOut += 1;
      return fits;
    });
  const orphans = fitting(report.orphans);
  const abandoned = fitting(report.abandoned);
  const unjudged = fitting(report.unjudged);
  return { ...report, orphans, abandoned, unjudged, leftOut };
}
