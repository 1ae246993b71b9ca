import type { CommandSpec } from '../command';
import { approve } from './approve';
import { cancel } from './cancel';
import { chainHistory, chainList, chainShow } from './chain';
import { chainAdopt, chainForget, chainPause, chainResume } from './chain-control';
import { chainRefresh } from './chain-refresh';
import { completion } from './completion';
import { configReload } from './config-reload';
import { configCheck } from './config';
import { dev } from './dev';
import { doctor } from './doctor';
import { init } from './init';
import { list } from './jobs';
import { lineageDiff, lineageShow } from './lineage';
import { lineagePublish } from './lineage-publish';
import { lineageRender } from './lineage-render';
import { linkisAttach, linkisRun } from './linkis';
import { localLinkis, localSqlflow, localTemporal } from './local';
import { logs } from './logs';
import { orphans } from './orphans';
import { pipelineCheck, pipelineGraph } from './pipeline-look';
import { pipelineList, pipelineRetryCommand, pipelineRun } from './pipeline-run';
import { results } from './results';
import { scheduleApply } from './schedule-apply';
import {
  scheduleBackfill,
  scheduleDelete,
  schedulePause,
  scheduleResume,
  scheduleTrigger,
} from './schedule-control';
import { scheduleCreate } from './schedule-create';
import { scheduleDescribe, scheduleList } from './schedule-look';
import { show } from './show';
import { sqlflowPrune } from './sqlflow-prune';
import { sqlflowAttach, sqlflowJobs, sqlflowRun } from './sqlflow';
import { watch } from './watch';
import { worker } from './worker';

/** In the order of the help. */
export const commands: readonly CommandSpec[] = [
  dev,
  init,
  sqlflowRun,
  sqlflowJobs,
  sqlflowAttach,
  sqlflowPrune,
  chainRefresh,
  chainList,
  chainShow,
  chainHistory,
  chainPause,
  chainResume,
  chainAdopt,
  chainForget,
  linkisRun,
  linkisAttach,
  pipelineCheck,
  pipelineGraph,
  pipelineRun,
  pipelineRetryCommand,
  pipelineList,
  scheduleCreate,
  scheduleList,
  scheduleDescribe,
  schedulePause,
  scheduleResume,
  scheduleTrigger,
  scheduleBackfill,
  scheduleDelete,
  scheduleApply,
  list,
  show,
  watch,
  logs,
  results,
  cancel,
  approve,
  lineageShow,
  lineageDiff,
  lineageRender,
  lineagePublish,
  orphans,
  worker,
  doctor,
  configCheck,
  configReload,
  completion,
  localSqlflow,
  localLinkis,
  localTemporal,
];
