import type { Vendor } from '../src/contracts/names';
import type { Bench, BenchSize, Comparison, Side } from './bench';
import { fleets, type Fleet } from './fleets';
import { runPhase, submitStanding, type Phase } from './watch-phase';

interface Case {
  readonly vendor: Vendor;
  readonly jobs: number;
  /** Of the jobs, so many end while each phase watches. */
  readonly ending: number;
  readonly phases: readonly Phase[];
  /** What is special about it, in words. */
  readonly beside?: string;
  readonly fleet?: () => Promise<Fleet>;
}

const plain = { way: 'plainLoop', name: 'a 2 s loop a job' } as const;
const azure = { way: 'azurePoller', name: '@azure/core-lro' } as const;
const smithy = { way: 'smithyWaiter', name: '@smithy/core waiter' } as const;
const fixed = { way: 'fixedRounds', name: 'rounds of 30 s, 10 requests/s' } as const;
const watcher = { way: 'watcher', name: 'watcher' } as const;

const mostJobs = 10_000;
const all = [plain, azure, smithy, fixed, watcher];
const long = { endingMs: 30_000, tailMs: 8000 };
/** A side that floods the service shows it soon. */
const short = { endingMs: 15_000, tailMs: 4000 };

/** Sides that would slow each other down have the service to themselves, one after the other. */
function growing(vendor: Vendor): readonly Case[] {
  return [
    { vendor, jobs: 100, ending: 50, phases: [{ ways: all, ...long }] },
    {
      vendor,
      jobs: 1000,
      ending: 300,
      phases: [
        { ways: [plain], ...short },
        { ways: [azure], ...short },
        { ways: [smithy, fixed, watcher], ...long },
      ],
    },
    {
      vendor,
      jobs: mostJobs,
      ending: 600,
      phases: [
        { ways: [plain], ...short },
        { ways: [azure], ...short },
        { ways: [smithy], ...short },
        { ways: [fixed, watcher], ...long },
      ],
    },
  ];
}

const fullCases: readonly Case[] = [
  ...growing('sqlflow'),
  {
    vendor: 'sqlflow',
    jobs: 100,
    ending: 50,
    beside: '100,000 finished ones beside them',
    fleet: () => fleets.sqlflow({ finishedJobs: 100_000 }),
    phases: [{ ways: all, ...long }],
  },
  {
    vendor: 'sqlflow',
    jobs: 100,
    ending: 50,
    beside: 'of 5,000 files each',
    fleet: () => fleets.sqlflow({ behaviour: { listedFiles: 5000 } }),
    phases: [{ ways: all, ...long }],
  },
  ...growing('linkis'),
];

const quickCases: readonly Case[] = (['sqlflow', 'linkis'] as const).flatMap((vendor) =>
  [10, 40].map((jobs) => ({
    vendor,
    jobs,
    ending: jobs / 2,
    phases: [{ ways: all, endingMs: 3000, tailMs: 2000 }],
  })),
);

const barCases: readonly Case[] = (['sqlflow', 'linkis'] as const).map((vendor) => ({
  vendor,
  jobs: mostJobs,
  ending: 600,
  phases: [
    { ways: [plain], ...short },
    { ways: [watcher], ...long },
  ],
}));

const cases: Readonly<Record<BenchSize, readonly Case[]>> = {
  full: fullCases,
  bars: barCases,
  quick: quickCases,
};

async function compare(one: Case): Promise<Comparison> {
  const { vendor, jobs, ending, phases, beside } = one;
  const fleet = await (one.fleet ?? fleets[vendor])();
  try {
    const standing = await submitStanding(fleet, jobs - ending);
    const sides: Side[] = [];
    for (const phase of phases) {
      sides.push(...(await runPhase({ vendor, fleet, standing, ending }, phase)));
    }
    return {
      case: `${vendor}, ${jobs.toLocaleString('en-US')} jobs ${beside ?? 'in flight'}`,
      sides,
      growth: beside === undefined ? { of: vendor, size: jobs } : undefined,
    };
  } finally {
    await fleet.close();
  }
}

export const watch: Bench = {
  name: 'watch',
  title:
    'Waiting for the ends of jobs, of which some end one after the other. Each side is a process of its own beside the service’s. *Confirming*: of the requests, those that ask the job itself about an end that a look has shown. *Per thousand jobs*: the others, for a thousand jobs asked about once. Delay: from the end in the service’s own record until the waiter knows; an end that it hadn’t seen when the time was up (*unseen*) counts as seen then, so that its delay is no less.',
  hasBars: true,
  async *run(size) {
    for (const one of cases[size]) yield await compare(one);
  },
  plotted: {
    size: 'jobs in flight',
    figures: {
      requestsPerS: 'requests a second',
      receivedKiBPerS: 'KiB received a second',
      delayP95S: 'delay p95, seconds',
      cpuPercent: 'CPU, % of a core',
      rssMiB: 'RSS, MiB',
    },
  },
};
