export interface OwnCost<Result> {
  readonly result: Result;
  readonly seconds: number;
  /** What the process grew by at its largest, looked at every 10 ms. */
  readonly rssGrowthMiB: number;
  /** Of one core. */
  readonly clientCpuPercent: number;
}

/** What some work costs the process that does it, and nothing else meanwhile. */
export async function ownCost<Result>(work: () => Promise<Result>): Promise<OwnCost<Result>> {
  const startBytes = process.memoryUsage.rss();
  let peakBytes = startBytes;
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 10);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(sampling);
  return {
    result,
    seconds,
    rssGrowthMiB: (peakBytes - startBytes) / 2 ** 20,
    clientCpuPercent: (user + system) / 1e4 / seconds,
  };
}
