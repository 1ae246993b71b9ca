import { Client, type Connection } from '@temporalio/client';
import type { Vendor } from '../contracts/names';
import type { CliContext } from './context';
import type { GlobalOptions } from './global-options';
import { loadSettings, type CliSettings } from './settings';
import { Output } from './output';
import { connectTemporal } from './temporal-target';
import { startTracing, wantsTraces, type StartedTracing } from '../plugin/tracing/start-tracing';

const serving = /^(worker|dev|local .*)$/;

/** One command's run: what it stands on, each made when first asked for and closed at the end. */
export class Session {
  readonly output: Output;
  private connection: Promise<Connection> | undefined;
  private loaded: Promise<CliSettings> | undefined;
  private started: StartedTracing | undefined;

  constructor(
    readonly context: CliContext,
    readonly flags: GlobalOptions,
  ) {
    const { output: mode, quiet = false } = flags;
    this.output = new Output(context, { mode, quiet, flags });
  }

  /** Whether what a worker of this process does is traced. */
  get traces(): boolean {
    return this.started !== undefined;
  }

  /**
   * Runs the command in a span of its own, where the standard `OTEL_*` variables ask for traces. One
   * that serves until it is stopped has none, since all that it does would be below it.
   *
   * @throws ConfigurationError where they ask for what isn't there
   */
  traced<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
    if (!wantsTraces(this.context.env)) return run();
    const { tracing } = (this.started = startTracing(this.context.env));
    return serving.test(name) ? run() : tracing.inSpan(`remote-jobs ${name}`, {}, run);
  }

  /** Where the command works. */
  settings(): Promise<CliSettings> {
    this.loaded ??= loadSettings(this.context, this.flags);
    return this.loaded;
  }

  /** @throws CommandError with what to do, where Temporal can't be reached */
  async client(): Promise<Client> {
    const { target } = await this.settings();
    this.connection ??= connectTemporal(target);
    return new Client({
      connection: await this.connection,
      namespace: target.namespace,
      interceptors: this.started && { workflow: [this.started.tracing.client] },
    });
  }

  /** The connection that is named, else the configured default; the worker chooses where there is none. */
  async connectionName(vendor: Vendor, named: string | undefined): Promise<string | undefined> {
    return named ?? (await this.settings()).jobs.defaults?.[vendor];
  }

  async close(): Promise<void> {
    this.output.status();
    const settings = await this.loaded?.catch(() => undefined);
    await settings?.connections.close();
    await settings?.artifacts.close();
    const connection = await this.connection?.catch(() => undefined);
    await connection?.close();
    await this.started?.close();
  }
}
