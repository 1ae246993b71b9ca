import type { Bench, Comparison } from './bench';
import type { ListOrder, ListWay } from './list-side';
import { inOwnProcess } from './own-process';
import { startService } from './service';

interface Account {
  readonly case: string;
  readonly jobs: number;
  readonly filesPerJob?: number;
}

const accounts: readonly Account[] = [
  { case: '10,000 jobs', jobs: 10_000 },
  { case: '110,000 jobs', jobs: 110_000 },
  { case: '1,000 jobs of 5,000 files', jobs: 1000, filesPerJob: 5000 },
];
const few: readonly Account[] = [{ case: '1,000 jobs', jobs: 1000 }];

export const list: Bench = {
  name: 'list',
  title:
    "SQLFlow's list of all jobs, in which one job in eleven is watched: five looks one after the other, the second of which finds nothing new.",
  async *run(size) {
    const quick = size === 'quick';
    for (const account of quick ? few : accounts) yield await compare(account);
  },
};

async function compare({ case: name, jobs, filesPerJob }: Account): Promise<Comparison> {
  const behaviour = filesPerJob === undefined ? undefined : { listedFiles: filesPerJob };
  const service = await startService({ kind: 'sqlflow', finishedJobs: jobs, behaviour });
  const side = (sideName: string, way: ListWay) => {
    const order: ListOrder = { name: sideName, way, url: service.url };
    return inOwnProcess('list-side.js', order);
  };
  try {
    return {
      case: name,
      sides: [
        await side('JSON.parse of the whole', 'parse'),
        await side('displayUserJobsSummary', 'whole'),
        await side('selectUserJobs', 'select'),
      ],
    };
  } finally {
    await service.close();
  }
}
