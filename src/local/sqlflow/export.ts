import { Readable } from 'node:stream';
import type { LocalReply, LocalRequest } from '../http/exchange';
import { field, flag, refused } from './envelope';
import { csvOf } from './exports/csv';
import { graphmlOf } from './exports/graphml';
import { jsonOf } from './exports/json';
import { viewOf, type LineageView, type ViewSettings } from './exports/view';
import type { Job } from './job';
import type { StoredLineage } from './job-store';
import type { Service } from './service';

interface Exported {
  readonly job: Job;
  readonly lineage: StoredLineage;
}

/** exportLineageAsJson: with every setting that a reader may ask for. */
export const exportJson = ofFinished((found, request, service) =>
  jsonReply(found, settingsOf(request, 'fdd'), service),
);

/** exportFullLineageAsJson: everything, of the relation types asked for. */
export const exportFullJson = ofFinished((found, request, service) => {
  const shown = field(request, 'showRelationType') || found.job.settings.showRelationType;
  return jsonReply(found, { ...settingsOf(request, shown), filter: noFilter }, service);
});

/** exportFullLineageAsCsv and exportLineageAsCsv: always from end to end. */
export const exportCsv = ofFinished(({ job, lineage }, request, service) => {
  const { settings: submitted } = job;
  const settings: ViewSettings = {
    ...settingsOf(request, submitted.showRelationType),
    ignoreRecordSet: true,
    treatArgumentsInCountFunctionAsDirectDataflow: flag(
      request,
      'treatArgumentsInCountFunctionAsDirectDataflow',
      submitted.treatArgumentsInCountFunctionAsDirectDataflow,
    ),
  };
  // Not trimmed: a tab is a delimiter too.
  const delimiter = request.fields.delimiter?.at(-1) || ',';
  const view = viewOf(lineage, settings);
  const parts = csvOf(view, delimiter, settings.tableToTable, service.behaviour);
  return streamed(parts, 'text/csv; charset=utf-8', service);
});

export const exportGraphml = ofFinished(({ lineage }, request, service) => {
  const settings = settingsOf(request, 'fdd');
  const view = viewOf(lineage, settings);
  return streamed(
    graphmlOf(view, settings.tableToTable),
    'application/xml; charset=utf-8',
    service,
  );
});

function ofFinished(
  answer: (found: Exported, request: LocalRequest, service: Service) => LocalReply,
): (request: LocalRequest, userId: string, service: Service) => Promise<LocalReply> {
  return async (request, userId, service) => {
    const found = await finished(request, userId, service);
    return 'lineage' in found ? answer(found, request, service) : found;
  };
}

/** The job whose lineage can be had, or why it can't. Without a jobId it is the user's latest. */
async function finished(
  request: LocalRequest,
  userId: string,
  service: Service,
): Promise<Exported | LocalReply> {
  const { store, behaviour, unknownJob } = service;
  const jobId = field(request, 'jobId');
  const job =
    jobId === '' ? store.ofUser(userId).newestFirst().next().value : store.find(userId, jobId);
  if (job === undefined) return unknownJob();
  const status = service.shownStatus(job);
  if (status === 'fail') {
    return refused(behaviour.errorCode, job.errorMessage ?? 'The job failed.');
  }
  if (status !== 'success' && status !== 'partial_success') {
    return refused(behaviour.errorCode, `The job is not finished: ${status}.`);
  }
  return { job, lineage: await store.lineage(job) };
}

const noFilter = { database: '', schema: '', table: '', column: '' };

function settingsOf(request: LocalRequest, showRelationType: string): ViewSettings {
  return {
    showRelationType: field(request, 'showRelationType') || showRelationType,
    ignoreRecordSet: flag(request, 'ignoreRecordSet'),
    ignoreFunction: flag(request, 'ignoreFunction'),
    showConstantTable: flag(request, 'showConstantTable'),
    showTransform: flag(request, 'showTransform'),
    treatArgumentsInCountFunctionAsDirectDataflow: flag(
      request,
      'treatArgumentsInCountFunctionAsDirectDataflow',
    ),
    tableToTable: flag(request, 'tableToTable'),
    simpleOutput: flag(request, 'simpleOutput'),
    filter: {
      database: field(request, 'database'),
      schema: field(request, 'schema'),
      table: field(request, 'table'),
      column: field(request, 'column'),
    },
  };
}

function jsonReply({ job, lineage }: Exported, settings: ViewSettings, service: Service) {
  const view: LineageView = viewOf(lineage, settings);
  const parts = jsonOf(job, lineage, view, settings.tableToTable, service.behaviour);
  return streamed(parts, 'application/json;charset=UTF-8', service);
}

/** What is declared for all of them is JSON, whatever they are. */
function streamed(parts: Iterable<string>, own: string, { behaviour }: Service): LocalReply {
  const declared = 'application/json;charset=UTF-8';
  const contentType = behaviour.exportContentType === 'own' ? own : declared;
  return { stream: Readable.from(inBlocks(parts)), contentType };
}

/** Few large writes rather than many small ones. */
function* inBlocks(parts: Iterable<string>): Generator<Buffer> {
  let block = '';
  for (const part of parts) {
    block += part;
    if (block.length < 65_536) continue;
    yield Buffer.from(block);
    block = '';
  }
  yield Buffer.from(block);
}
