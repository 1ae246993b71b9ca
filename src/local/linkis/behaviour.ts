/** Where Linkis versions differ, the stand-in answers either way; the defaults are those of 1.7. */
export interface LinkisBehaviour {
  /** Whether log lines count from 0 (up to 1.5) or from 1 (1.6 on). @default 1 */
  readonly logIndexBase: 0 | 1;
  /** The method that `kill` takes; the other one gets HTTP 405. @default 'GET' */
  readonly killMethod: 'GET' | 'POST';
  /** Whether `jobhistory/list-taskids` exists (1.7 on). @default true */
  readonly listTaskIds: boolean;
  /** Whether `nullValue=LINKIS_NULL` makes a JSON null (1.5 on). @default true */
  readonly linkisNull: boolean;
  /** Whether `jobhistory/{id}/get` shows the code (not on 1.7; the lists always do). @default false */
  readonly executionCodeInGet: boolean;
  /** With `enableLimit=true`, longer cells make openFile refuse to show the file. @default 10000 */
  readonly displayLimitCharacters: number;
  /** With `enableLimit=true`, more columns do the same where no `columnPage` is asked for. @default 10000 */
  readonly displayLimitColumns: number;
  /** More rows a page than these are refused with 80034 (`linkis.filesystem.resultset.row.limit`, 1.7 on). @default 100000 */
  readonly resultSetRowLimit: number;
  /** Of tables with more columns no rows are shown or exported (`linkis.resultset.column.size.max`). @default no limit */
  readonly resultSetColumnLimit: number;
  /** Whether tables of more than `displayLimitColumns` are withheld without `enableLimit=true`, too. [U] @default false */
  readonly withholdsAlways: boolean;
  /** What result and log paths begin with. @default 'file://' */
  readonly pathScheme: string;
  /** The entrance's `host:port`, a part of every execID. @default '127.0.0.1:9104' */
  readonly entranceInstance: string;
  /** Finished tasks that the entrance remembers per creator, user and engine. @default 1000 */
  readonly finishedRing: number;
  /** Tasks that may wait; one more is refused with 12001. @default 1000 */
  readonly queueCapacity: number;
  /** After so long without a task of a creator, user and engine, their index restarts at 0, in milliseconds. @default 10 minutes */
  readonly consumerIdleMs: number;
  /** Tasks of the creators LINKISCLI and BdpClient whose status nobody asks for so long are killed, in milliseconds. @default 30 seconds */
  readonly clientHeartbeatMs: number;
}

export const defaultBehaviour: LinkisBehaviour = {
  logIndexBase: 1,
  killMethod: 'GET',
  listTaskIds: true,
  linkisNull: true,
  executionCodeInGet: false,
  displayLimitCharacters: 10_000,
  displayLimitColumns: 10_000,
  resultSetRowLimit: 100_000,
  resultSetColumnLimit: Infinity,
  withholdsAlways: false,
  pathScheme: 'file://',
  entranceInstance: '127.0.0.1:9104',
  finishedRing: 1000,
  queueCapacity: 1000,
  consumerIdleMs: 600_000,
  clientHeartbeatMs: 30_000,
};
