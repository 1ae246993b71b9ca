import type { FaultAction } from '../../http/fault-actions';
import { viewActions } from '../../http/view-actions';
import type { LinkisBehaviour } from '../behaviour';
import type { EntranceHost } from '../entrance/entrance-host';
import { entranceActions } from './entrance-actions';
import { logActions } from './log-actions';
import { taskViews } from './task-views';

/** The words for `do:` that the local Linkis adds. */
export function linkisActions(
  host: EntranceHost,
  { logIndexBase }: LinkisBehaviour,
): Readonly<Record<string, FaultAction>> {
  return { ...viewActions(taskViews), ...entranceActions(host), ...logActions(host, logIndexBase) };
}
