import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions, Worker, WorkerOptions } from '@temporalio/worker';
import type { Tracing } from './tracing/tracing';
import { createCompanion, heartbeatThrottle, runTogether } from './companion';

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The activities of one worker, by where they run, and what closes all that they opened. */
export interface WorkerActivities {
  /** Short ones: they run on the worker's own task queue. */
  readonly main: Activities;
  /** Waiting ones: they run on `<taskQueue>-watch`. */
  readonly watch: Activities;
  /** Called once, after both workers have ended; must not throw. */
  close(): Promise<void>;
}

export interface CompanionPluginOptions {
  readonly name: string;
  readonly maxWaitingJobs: number;
  /** Called once a worker. It opens nothing: some workers are created and never run. */
  readonly createActivities: () => WorkerActivities;
  /** @default none */
  readonly tracing?: Tracing;
}

/** What a workflow hands its trace on by; only in the bundle of a worker that traces. */
export const tracingModule = require.resolve('../../workflows/tracing-interceptors');

/** Where a worker's options carry what this plugin made for it; plugins that come later keep it. */
const madeFor = Symbol('temporal-remote-jobs');

/**
 * A cached workflow takes 0.2 MiB, and one that isn't is read again in milliseconds: a job's history
 * is short, and hours lie between two of its steps. The SDK would keep thousands.
 */
const maxCachedWorkflows = 250;

interface MarkedOptions extends WorkerOptions {
  [madeFor]?: { readonly plugin: CompanionPlugin; readonly activities: WorkerActivities };
}

/**
 * Adds activities to a worker and runs a companion for the waiting ones beside it.
 *
 * It may be on the worker, on its connection, or on both: each worker gets it once.
 */
export class CompanionPlugin extends SimplePlugin {
  private readonly started = new WeakSet<Worker>();
  private readonly pollingListeners = new WeakMap<Worker, () => void>();

  constructor(private readonly companion: CompanionPluginOptions) {
    super({ name: companion.name });
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    if ((options as MarkedOptions)[madeFor]?.plugin === this) return options;
    const activities = this.companion.createActivities();
    refuseCollisions(this.name, options.activities ?? {}, activities.main);
    const marked: MarkedOptions = {
      // After a crash, workflows in the lost worker's cache wait this long before another takes
      // them: with the SDK's 10 s a cancel would reach the service that much later.
      stickyQueueScheduleToStartTimeout: '1s',
      maxCachedWorkflows,
      // A submit or a collect learns of a cancel with its next heartbeat, which the SDK else holds
      // back for most of the time-out: the time-out can so leave room for a stalled event loop.
      maxHeartbeatThrottleInterval: heartbeatThrottle,
      ...options,
      ...this.traced(options),
      activities: { ...options.activities, ...activities.main },
      [madeFor]: { plugin: this, activities },
    };
    return super.configureWorker(marked);
  }

  override runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const made = (worker.options as unknown as MarkedOptions)[madeFor];
    if (made === undefined || made.plugin !== this || this.started.has(worker)) {
      return super.runWorker(worker, next);
    }
    this.started.add(worker);
    return this.runWithCompanion(worker, next, made.activities);
  }

  /** Whether workflows need the interceptors that trace them in their bundle. */
  get traces(): boolean {
    return this.companion.tracing !== undefined;
  }

  override configureBundler(options: BundleOptions): BundleOptions {
    const bundler = super.configureBundler(options);
    const { workflowInterceptorModules: modules = [] } = bundler;
    if (!this.traces || modules.includes(tracingModule)) return bundler;
    return { ...bundler, workflowInterceptorModules: [...modules, tracingModule] };
  }

  private traced({
    interceptors,
    sinks,
  }: WorkerOptions): Pick<WorkerOptions, 'interceptors' | 'sinks'> | undefined {
    const { tracing } = this.companion;
    if (tracing === undefined) return undefined;
    const { client, activity = [] } = interceptors ?? {};
    return {
      sinks: { ...sinks, ...tracing.sinks },
      interceptors: {
        ...interceptors,
        activity: [tracing.activity, ...activity],
        client: { ...client, workflow: [...asList(client?.workflow), tracing.client] },
      },
    };
  }

  /** Resolves once a worker, to be run after this call, and its companion both poll. */
  polling(worker: Worker): Promise<void> {
    return new Promise((resolve) => this.pollingListeners.set(worker, resolve));
  }

  private async runWithCompanion(
    worker: Worker,
    next: (worker: Worker) => Promise<void>,
    activities: WorkerActivities,
  ): Promise<void> {
    const { maxWaitingJobs } = this.companion;
    try {
      await runTogether(
        worker,
        (main) => super.runWorker(main, next),
        () => createCompanion(worker, { activities: activities.watch, maxWaitingJobs }),
        () => this.pollingListeners.get(worker)?.(),
      );
    } finally {
      await activities.close();
    }
  }
}

/** An older form of interceptors, made by factories, is left to the SDK. */
function asList<Interceptor>(
  given: readonly Interceptor[] | object | undefined,
): readonly Interceptor[] {
  return Array.isArray(given) ? (given as readonly Interceptor[]) : [];
}

function refuseCollisions(plugin: string, existing: object, added: Activities): void {
  const names = Object.keys(added).filter((name) => name in existing);
  if (names.length === 0) return;
  throw new TypeError(
    `${plugin} can't add its activities: the worker already has ${names.join(', ')}. ` +
      `Rename your own, and use one ${plugin} a worker: it takes any number of connections.`,
  );
}
