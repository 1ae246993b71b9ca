import type { Vendor } from '../src/contracts/names';
import type { WatchedJob } from '../src/watch/watcher';
import { Traffic } from './traffic';
import { connectTo, type WatchedService } from './watched-service';
import { waysToWait, type WayName } from './ways-to-wait';

/** What a side's process is to do. */
export interface WatchOrder {
  readonly way: WayName;
  readonly vendor: Vendor;
  readonly url: string;
}

/** To the process: the jobs, which starts the clock, and then the word to stop. */
export type WatchMessage = { readonly jobs: readonly WatchedJob[] } | 'stop';

/** What the process tells at the end. */
export interface Watched {
  readonly figures: Readonly<Record<string, number>>;
  /** When it knew of each end, epoch milliseconds. */
  readonly known: readonly (readonly [id: string, atMs: number])[];
}

const sampleMs = 100;

function measure(service: WatchedService, way: WayName, jobs: readonly WatchedJob[]) {
  const traffic = new Traffic();
  const startedMs = performance.now();
  const startCpu = process.cpuUsage();
  const known: (readonly [string, number])[] = [];
  let confirming = 0;
  let peakRssBytes = 0;
  const sampling = setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }, sampleMs);
  waysToWait[way](service, jobs, (id, confirmed = 0) => {
    known.push([id, Date.now()]);
    confirming += confirmed;
  });
  return (): Watched => {
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(startCpu);
    clearInterval(sampling);
    traffic.close();
    return {
      figures: {
        requestsPerS: traffic.requests / seconds,
        confirmingPerS: confirming / seconds,
        requestsPerThousandJobs:
          (1000 * (traffic.requests - confirming)) / (service.jobsAsked - confirming),
        failedPerS: service.failedRequests / seconds,
        receivedKiBPerS: traffic.receivedBytes / 1024 / seconds,
        cpuPercent: (user + system) / 1e4 / seconds,
        rssMiB: peakRssBytes / 2 ** 20,
      },
      known,
    };
  };
}

async function main(): Promise<void> {
  const { way, vendor, url } = JSON.parse(process.argv[2] ?? '') as WatchOrder;
  const service = await connectTo(vendor, url);
  let stop: (() => Watched) | undefined;
  process.on('message', (message: WatchMessage) => {
    if (message !== 'stop') stop = measure(service, way, message.jobs);
    else process.send?.(stop?.(), () => process.exit());
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

void main();
