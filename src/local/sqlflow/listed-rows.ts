import type { SqlFlowBehaviour } from './behaviour';
import { showsPreviousEnd, summaryView, type Job, type JobStatus } from './job';
import type { JobList, Stretch } from './job-list';

/** What was made of a stretch, as long as none of its jobs changes. */
interface Made {
  readonly version: number;
  readonly ids: string;
  readonly statuses: ReadonlyMap<JobStatus, number>;
  rows?: Buffer;
}

/** Rows of so many bytes are kept; others are made for each list. */
const maxKeptBytes = 256 * 2 ** 20;
const blockCharacters = 65_536;

/**
 * displayUserJobsSummary as bytes, stretch by stretch: a user with 100,000 jobs gets a hundred
 * megabytes, most of which are those of the list before.
 */
export class ListedRows {
  readonly #made = new WeakMap<Readonly<Stretch>, Made>();
  #keptBytes = 0;

  constructor(private readonly behaviour: SqlFlowBehaviour) {}

  /** The jobs are those of now; their rows are made when they are due. */
  *list(jobs: JobList): Generator<Buffer> {
    const stretches = jobs.stretches().map((stretch) => ({
      stretch,
      jobs: [...stretch.jobs].reverse(),
      made: this.#of(stretch),
    }));
    const count = (status: JobStatus) =>
      stretches.reduce((sum, { made }) => sum + (made.statuses.get(status) ?? 0), 0);
    const counts = {
      total: jobs.size,
      success: count('success'),
      partialSuccess: count('partial_success'),
      fail: count('fail'),
    };
    const head = JSON.stringify(counts).slice(0, -1);
    yield Buffer.from(`{"code":200,"data":${head},"jobIds":[`);
    yield Buffer.from(stretches.map(({ made }) => made.ids).join(','));
    yield Buffer.from('],"jobDetails":[');
    for (const [index, { stretch, jobs: listed, made }] of stretches.entries()) {
      if (index > 0) yield Buffer.from(',');
      if (made.rows) yield made.rows;
      else yield* this.#rows(listed, stretch, made);
    }
    yield Buffer.from(']}}');
  }

  #of(stretch: Readonly<Stretch>): Made {
    const known = this.#made.get(stretch);
    if (known?.version === stretch.version) return known;
    this.#keptBytes -= known?.rows?.length ?? 0;
    this.#made.delete(stretch);
    const jobs = [...stretch.jobs].reverse();
    const statuses = new Map<JobStatus, number>();
    for (const job of jobs) {
      const status = (showsPreviousEnd(job) && job.previous?.status) || job.status;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const ids = jobs.map(({ jobId }) => JSON.stringify(jobId)).join(',');
    const made = { version: stretch.version, ids, statuses };
    // A previous end is shown for a time only, and nothing says when that is over.
    if (!jobs.some(showsPreviousEnd)) this.#made.set(stretch, made);
    return made;
  }

  *#rows(jobs: readonly Job[], stretch: Readonly<Stretch>, made: Made): Generator<Buffer> {
    const blocks: Buffer[] = [];
    let text = '';
    for (const [index, job] of jobs.entries()) {
      text += (index > 0 ? ',' : '') + JSON.stringify(summaryView(job, this.behaviour));
      if (text.length < blockCharacters && index < jobs.length - 1) continue;
      const block = Buffer.from(text);
      blocks.push(block);
      text = '';
      yield block;
    }
    const isCurrent = this.#made.get(stretch) === made && made.version === stretch.version;
    const sizeBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    if (!isCurrent || made.rows || this.#keptBytes + sizeBytes > maxKeptBytes) return;
    made.rows = Buffer.concat(blocks);
    this.#keptBytes += sizeBytes;
  }
}
