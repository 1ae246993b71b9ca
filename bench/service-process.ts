import { LocalLinkis, type LocalLinkisOptions } from '../src/local/linkis/local-linkis';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../src/local/sqlflow/local-sqlflow';

/** What to start; the same that `LocalSqlFlow.start` and `LocalLinkis.start` take. */
export type ServiceSettings =
  | ({ readonly kind: 'sqlflow' } & LocalSqlFlowOptions)
  | ({ readonly kind: 'linkis' } & LocalLinkisOptions);

/** A local service in a process of its own, so that it takes no time from whoever is measured. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '') as ServiceSettings;
  const service =
    settings.kind === 'sqlflow'
      ? await LocalSqlFlow.start(settings)
      : await LocalLinkis.start(settings);
  process.on('disconnect', () => void service.close().then(() => process.exit()));
  process.send?.({ url: service.url });
}

void main();
