import path from 'node:path';
import { LocalLinkis, type LocalLinkisOptions } from './linkis/local-linkis';
import { LocalSqlFlow, type LocalSqlFlowOptions } from './sqlflow/local-sqlflow';
import { LocalTemporal, type LocalTemporalOptions } from './temporal/local-temporal';

/** How a {@link LocalStack} is started. */
export interface LocalStackOptions {
  /** Folder in which each of the three keeps its state. @default nothing outlives the stack */
  readonly stateDir?: string;
  /** @default any free port, no UI */
  readonly temporal?: Omit<LocalTemporalOptions, 'stateDir'>;
  /** @default any free port, no faults */
  readonly sqlflow?: Omit<LocalSqlFlowOptions, 'stateDir'>;
  /** @default any free port, no tables, no faults */
  readonly linkis?: Omit<LocalLinkisOptions, 'stateDir'>;
}

/** A Temporal server, a local SQLFlow and a local Linkis, all on 127.0.0.1. */
export class LocalStack {
  private constructor(
    readonly temporal: LocalTemporal,
    readonly sqlflow: LocalSqlFlow,
    readonly linkis: LocalLinkis,
  ) {}

  /**
   * Resolves once all three answer. When one of them doesn't start the others are closed again.
   *
   * @throws what {@link LocalTemporal.start}, {@link LocalSqlFlow.start} or
   * {@link LocalLinkis.start} throws
   */
  static async start(options: LocalStackOptions = {}): Promise<LocalStack> {
    const { stateDir } = options;
    const stateOf = (part: string) =>
      stateDir === undefined ? {} : { stateDir: path.join(stateDir, part) };
    const started = await Promise.allSettled([
      LocalTemporal.start({ ...options.temporal, ...stateOf('temporal') }),
      LocalSqlFlow.start({ ...options.sqlflow, ...stateOf('sqlflow') }),
      LocalLinkis.start({ ...options.linkis, ...stateOf('linkis') }),
    ]);
    const [temporal, sqlflow, linkis] = started;
    if (
      temporal.status === 'fulfilled' &&
      sqlflow.status === 'fulfilled' &&
      linkis.status === 'fulfilled'
    ) {
      return new LocalStack(temporal.value, sqlflow.value, linkis.value);
    }
    await closeAll(started.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : [])));
    throw started.find((part) => part.status === 'rejected')?.reason;
  }

  /** Closes Temporal first, so that nobody is sent to a service that has gone. Stop workers before. */
  async close(): Promise<void> {
    await closeAll([this.temporal, this.sqlflow, this.linkis]);
  }
}

/** One after the other, each of them even when another can't be closed. */
async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  const errors: unknown[] = [];
  for (const part of parts) await part.close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
