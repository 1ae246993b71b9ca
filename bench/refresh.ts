import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import { gatherInputs } from '../src/artifacts/gather-inputs';
import type { ChainRefreshInput, RefreshOutcome } from '../src/contracts/chain';
import { requestRefresh } from '../src/starter/chains';
import { awaitOutcome } from '../src/starter/outcome';
import { quantile, type Bench, type Comparison, type Side } from './bench';
import { withService, withWorker, type WorkerStack } from './job-stack';
import { Uploads } from './uploads';

/** The account of the local SQLFlow that needs no login. */
const account = { userId: 'gudu|0123456789', token: 'token' };
const changedFiles = 10;
const { signal } = new AbortController();

/** What one refresh took. */
interface Taken {
  readonly seconds: number;
  readonly serviceSeconds: number;
  readonly sentKiB: number;
}

/** A warehouse in files, one chain of it, and what its refreshes take. */
class Warehouse {
  private round = 0;

  constructor(
    private readonly stack: WorkerStack,
    private readonly url: string,
    private readonly folder: string,
    private readonly files: number,
  ) {}

  async write(): Promise<void> {
    for (let index = 0; index < this.files; index += 1) await this.writeFile(index, 0);
  }

  async change(): Promise<void> {
    this.round += 1;
    for (let index = 0; index < changedFiles; index += 1) {
      await this.writeFile(Math.floor((index * this.files) / changedFiles), this.round);
    }
  }

  /** From the files on the disk to the finished revision. */
  async refresh(send: ChainRefreshInput['send'], end: RefreshOutcome['end']): Promise<Taken> {
    const { client, taskQueue } = this.stack;
    const store = new FolderArtifactStore({ root: this.stack.folder });
    const uploads = new Uploads();
    const startedMs = performance.now();
    const inputs = await gatherInputs(store, { paths: [this.folder] }, { signal });
    const asked = { chain: 'bench', connection: 'sqlflow', dbVendor: 'dbvpostgresql' };
    const { workflowId } = await requestRefresh(client, { ...asked, inputs, send }, { taskQueue });
    const outcome = await awaitOutcome<RefreshOutcome>(client, workflowId);
    const seconds = (performance.now() - startedMs) / 1000;
    uploads.close();
    if (outcome.kind !== 'succeeded' || outcome.result.end !== end) {
      throw new Error(`the refresh came to ${JSON.stringify(outcome)}`);
    }
    const serviceSeconds = end === 'refreshed' ? await this.serviceSeconds(outcome.result) : 0;
    return { seconds, serviceSeconds, sentKiB: uploads.sentBytes / 1024 };
  }

  /** What the service itself says of the job's last run. */
  private async serviceSeconds({ jobId = '' }: RefreshOutcome): Promise<number> {
    const response = await fetch(`${this.url}/sqlflow/job/displayUserJobSummary`, {
      method: 'POST',
      body: new URLSearchParams({ ...account, jobId }),
    });
    const { data } = (await response.json()) as { data: { executeTimeMillis: number } };
    return data.executeTimeMillis / 1000;
  }

  private async writeFile(index: number, round: number): Promise<void> {
    const schema = `s${index % 50}`;
    const other = (index * 7) % this.files;
    const folder = path.join(this.folder, schema);
    await mkdir(folder, { recursive: true });
    const words = `-- Loads dw.t${index} from its staging table; see the data model for its columns.\n`;
    const sql = `create table if not exists staging.t${index} (id int, amount decimal, day date);
insert into dw.t${index} (id, amount, day)
select s.id, sum(s.amount + ${round}), max(o.day)
from staging.t${index} s left join dw.t${other} o on o.id = s.id
where s.day > date '2024-01-01' group by s.id;
`;
    await writeFile(path.join(folder, `t${index}.sql`), words.repeat(4) + sql);
  }
}

export const refresh: Bench = {
  name: 'refresh',
  title: `A chain of SQL files, refreshed after ${changedFiles} of them changed: all files sent, and what changed; and on a day without a change. From the files on the disk to the finished revision. *Service* is the time that the local SQLFlow itself says it worked: it reads all files of a job anew on each run, which a real service may not.`,
  async *run(size) {
    const quick = size === 'quick';
    const files = quick ? 100 : 5000;
    const rounds = quick ? 1 : 3;
    yield await withService({ kind: 'sqlflow' }, (url) => {
      const token = { value: account.token };
      const sqlflow = { type: 'sqlflow', url, userId: account.userId, token } as const;
      return withWorker({ sqlflow }, (stack) => {
        const folder = path.join(stack.folder, 'warehouse');
        return compare(new Warehouse(stack, url, folder, files), files, rounds);
      });
    });
  },
};

async function compare(warehouse: Warehouse, files: number, rounds: number): Promise<Comparison> {
  await warehouse.write();
  await warehouse.refresh('changed', 'refreshed');
  const all: Taken[] = [];
  const changed: Taken[] = [];
  const unchanged: Taken[] = [];
  // In turns, so that what the machine does besides meets all alike.
  for (let round = 0; round < rounds; round += 1) {
    await warehouse.change();
    all.push(await warehouse.refresh('all', 'refreshed'));
    await warehouse.change();
    changed.push(await warehouse.refresh('changed', 'refreshed'));
    unchanged.push(await warehouse.refresh('changed', 'unchanged'));
  }
  return {
    case: `${files} files`,
    sides: [
      side('every file sent', all),
      side(`the ${changedFiles} that changed`, changed),
      side('nothing changed', unchanged),
    ],
  };
}

function side(name: string, taken: readonly Taken[]): Side {
  const middle = (of: (one: Taken) => number) => quantile(taken.map(of), 0.5);
  return {
    name,
    figures: {
      sentKiB: middle(({ sentKiB }) => sentKiB),
      seconds: middle(({ seconds }) => seconds),
      serviceSeconds: middle(({ serviceSeconds }) => serviceSeconds),
      otherSeconds: middle(({ seconds, serviceSeconds }) => seconds - serviceSeconds),
    },
  };
}
