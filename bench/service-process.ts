import { LocalLinkis, type LocalLinkisOptions } from '../src/local/linkis/local-linkis';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../src/local/sqlflow/local-sqlflow';

/** What to start; the same that `LocalSqlFlow.start` and `LocalLinkis.start` take. */
export type ServiceSettings =
  | ({ readonly kind: 'sqlflow' } & LocalSqlFlowOptions)
  | ({ readonly kind: 'linkis' } & LocalLinkisOptions);

/** What the process that started the service may ask, and what is answered; see {@link answers}. */
export interface ServiceAnswers {
  /** Id and end of every job that has ended since the start, in epoch milliseconds. */
  readonly ends: readonly (readonly [id: string, endedAtMs: number])[];
  /** Of this process, since its start. */
  readonly usage: { readonly cpuSeconds: number; readonly rssMiB: number };
}

export interface ServiceQuestion {
  readonly id: number;
  readonly ask: keyof ServiceAnswers;
}

/** A local service in a process of its own, so that it takes no time from whoever is measured. */
async function main(): Promise<void> {
  const startedAtMs = Date.now();
  const settings = JSON.parse(process.argv[2] ?? '') as ServiceSettings;
  const service =
    settings.kind === 'sqlflow'
      ? await LocalSqlFlow.start(settings)
      : await LocalLinkis.start(settings);
  const answers: { [Ask in keyof ServiceAnswers]: () => ServiceAnswers[Ask] } = {
    ends: () => endsOf(service).filter(([, endedAtMs]) => endedAtMs >= startedAtMs),
    usage: () => {
      const { user, system } = process.cpuUsage();
      return { cpuSeconds: (user + system) / 1e6, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
    },
  };
  process.on('message', ({ id, ask }: ServiceQuestion) => {
    // Whoever asked may have gone meanwhile.
    process.send?.({ id, answer: answers[ask]() }, () => undefined);
  });
  process.on('disconnect', () => void service.close().then(() => process.exit()));
  process.send?.({ url: service.url });
}

function endsOf(service: LocalSqlFlow | LocalLinkis): [id: string, endedAtMs: number][] {
  const all =
    service instanceof LocalSqlFlow
      ? service.jobs().map(({ jobId, endedAtMs }) => [jobId, endedAtMs] as const)
      : service.tasks().map(({ taskId, endedAtMs }) => [String(taskId), endedAtMs] as const);
  return all.flatMap(([id, endedAtMs]) => (endedAtMs === undefined ? [] : [[id, endedAtMs]]));
}

void main();
