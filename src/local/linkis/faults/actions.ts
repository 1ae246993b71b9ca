import type { FaultAction } from '../../http/fault-actions';
import type { EntranceHost } from '../entrance/entrance-host';
import { entranceActions } from './entrance-actions';

/** The words for `do:` that only the local Linkis has. */
export function linkisActions(host: EntranceHost): Readonly<Record<string, FaultAction>> {
  return { ...entranceActions(host) };
}
