import type { OrphansInput } from '../../contracts/orphans';
import type { PruneInput } from '../../contracts/prune';
import type { ListedSchedule, ScheduleStanding } from '../../starter/schedule-standing';
import type { ScheduleStep } from '../../starter/schedule-plan';
import type { ExitCode } from '../exit-codes';

export interface ScheduleCreatedDocument {
  readonly schedule: string;
  /** Temporal's id. */
  readonly scheduleId: string;
  readonly created: true;
  readonly paused: boolean;
  readonly nextAt: readonly Date[];
  readonly warnings: readonly string[];
}

export interface SchedulesDocument {
  readonly schedules: readonly ListedSchedule[];
}

/** Everything that is known of a schedule. */
export interface ScheduleDocument extends ScheduleStanding {
  readonly schedule: string;
}

/** After `pause` and `resume`. */
export interface SchedulePausedDocument {
  readonly schedule: string;
  readonly paused: boolean;
  readonly note?: string;
}

export interface ScheduleTriggeredDocument {
  readonly schedule: string;
  readonly triggered: 'started' | 'skipped' | 'waiting';
  /** The workflow id of the run, where it has begun. */
  readonly id?: string;
}

export interface ScheduleBackfillDocument {
  readonly schedule: string;
  /** What the runs are for. */
  readonly times: readonly Date[];
  /** False with `--dry-run`. */
  readonly begun: boolean;
}

export interface ScheduleDeletedDocument {
  readonly schedule: string;
  readonly deleted: true;
}

export interface SchedulesAppliedDocument {
  /** False with `--dry-run`, and where a step failed. */
  readonly applied: boolean;
  /** The schedule at which it stopped. */
  readonly failed?: string;
  readonly schedules: readonly Pick<ScheduleStep, 'name' | 'kind' | 'changes'>[];
}

/** With `--schedule` and `--unschedule`. */
export interface PruneScheduleDocument {
  /** Temporal's id. */
  readonly scheduleId: string;
  readonly schedule: 'created' | 'updated' | 'removed' | 'none';
  /** Milliseconds, or a cron expression. */
  readonly every?: number | string;
  readonly input?: PruneInput;
  readonly exitCode: ExitCode;
}

export interface OrphanScheduleDocument {
  /** Temporal's id. */
  readonly scheduleId: string;
  readonly schedule: 'created' | 'updated' | 'removed' | 'none';
  /** Milliseconds, or a cron expression. */
  readonly every?: number | string;
  readonly input?: OrphansInput;
  readonly exitCode: ExitCode;
}
