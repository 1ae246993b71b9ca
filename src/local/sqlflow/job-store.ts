import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Journal } from '../journal';
import { writeAtomically } from './atomic-file';
import type { Job } from './job';
import { JobList } from './job-list';
import type { Lineage } from './analysis/model';

/** A job's lineage with the names of the files that its places point into. */
export interface StoredLineage extends Lineage {
  readonly fileNames: readonly string[];
  /** Exports are filled up to so many bytes with what no file says. @default 0 */
  readonly paddedToBytes?: number;
}

/** Lineages that are kept in memory; the others are read again. */
const maxCached = 8;

/** Of jobs whose files hold no statement; it takes no file. */
export const noLineage: StoredLineage = {
  objects: [],
  processes: [],
  relations: [],
  errors: [],
  statements: 0,
  fileNames: [],
};

function isEmpty({ objects, errors, statements, paddedToBytes }: StoredLineage): boolean {
  return objects.length === 0 && errors.length === 0 && statements === 0 && !paddedToBytes;
}

/** What is written down of jobs: a job as it is now, or that it is gone. */
type Entry = { readonly job: Job } | { readonly removed: string };

/** Jobs on disk: all of them in one journal, and a folder each with the uploads and the lineage. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #lists = new Map<string, JobList>();
  readonly #lineages = new Map<string, StoredLineage>();
  readonly #journal: Journal<Entry>;
  /** Jobs that were never submitted, and are made anew by each start. */
  readonly #invented = new Set<Job>();
  #lastNumber = 0;

  private constructor(private readonly stateDir: string) {
    this.#journal = new Journal(
      path.join(stateDir, 'jobs.jsonl'),
      (entry) => {
        if ('job' in entry) this.#jobs.set(entry.job.jobId, entry.job);
        else this.#jobs.delete(entry.removed);
      },
      () => this.#saved(),
    );
  }

  /** @param invented makes jobs that ended before the given time and are kept in memory only */
  static async open(
    stateDir: string,
    invented: (beforeMs: number) => Iterable<Job> = () => [],
  ): Promise<JobStore> {
    const store = new JobStore(stateDir);
    await mkdir(store.dir, { recursive: true });
    for (const name of await readdir(store.dir)) {
      // A folder without its job is a submit that a crash cut off before it was answered.
      if (!store.#jobs.has(name)) await rm(path.join(store.dir, name), { recursive: true });
    }
    const saved = store
      .all()
      .sort((a, b) => a.submittedAtMs - b.submittedAtMs || a.number - b.number);
    for (const job of invented(saved[0]?.submittedAtMs ?? Date.now())) {
      if (store.#jobs.has(job.jobId)) continue; // it has been run again here
      store.#invented.add(job);
      store.#jobs.set(job.jobId, job);
      store.ofUser(job.userId).update(job);
    }
    for (const job of saved) {
      store.ofUser(job.userId).update(job);
      store.#lastNumber = Math.max(store.#lastNumber, job.number);
    }
    return store;
  }

  get dir(): string {
    return path.join(this.stateDir, 'jobs');
  }

  nextNumber(): number {
    return (this.#lastNumber += 1);
  }

  all(): Job[] {
    return [...this.#jobs.values()];
  }

  ofUser(userId: string): JobList {
    const known = this.#lists.get(userId);
    if (known) return known;
    const list = new JobList();
    this.#lists.set(userId, list);
    return list;
  }

  find(userId: string, jobId: string): Job | undefined {
    const job = this.#jobs.get(jobId);
    return job?.userId === userId ? job : undefined;
  }

  has(job: Job): boolean {
    return this.#jobs.get(job.jobId) === job;
  }

  folder(job: Job): string {
    return path.join(this.dir, job.jobId);
  }

  /** Makes the folder of a job that isn't there yet. */
  prepare(job: Job): void {
    mkdirSync(this.folder(job), { recursive: true });
  }

  add(job: Job): void {
    this.#jobs.set(job.jobId, job);
    this.save(job);
  }

  /** To be called in the same turn as the job was changed: lists are made of what was saved. */
  save(job: Job): void {
    if (!this.has(job)) return;
    this.ofUser(job.userId).update(job);
    this.#invented.delete(job);
    this.#journal.append({ job });
  }

  /** Removes uploads that later submits have replaced, once no run reads them any more. */
  async dropReplaced(job: Job): Promise<void> {
    for (const blob of job.replaced.splice(0)) {
      await rm(path.join(this.folder(job), blob), { force: true });
    }
  }

  /** The same job under another id. */
  rename(job: Job, jobId: string): Job {
    const moved = { ...job, jobId };
    renameSync(this.folder(job), this.folder(moved));
    this.#forget(job);
    this.add(moved);
    return moved;
  }

  async remove(job: Job): Promise<void> {
    this.#forget(job);
    await rm(this.folder(job), { recursive: true, force: true, maxRetries: 3 });
  }

  close(): void {
    this.#journal.close();
  }

  *#saved(): Generator<Entry> {
    for (const job of this.#jobs.values()) if (!this.#invented.has(job)) yield { job };
  }

  /** A crash after it leaves a folder without its job, which the next start removes. */
  #forget(job: Job): void {
    this.#jobs.delete(job.jobId);
    this.ofUser(job.userId).remove(job);
    this.#lineages.delete(job.jobId);
    this.#invented.delete(job);
    this.#journal.append({ removed: job.jobId });
  }

  async saveLineage(job: Job, lineage: StoredLineage): Promise<void> {
    const file = this.#lineageFile(job);
    if (isEmpty(lineage)) rmSync(file, { force: true });
    else await writeAtomically(file, JSON.stringify(lineage));
    this.#cache(job, lineage);
  }

  async lineage(job: Job): Promise<StoredLineage> {
    const cached = this.#lineages.get(job.jobId);
    if (cached) return cached;
    const text = await readFile(this.#lineageFile(job), 'utf8').catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      },
    );
    const lineage = text === undefined ? noLineage : (JSON.parse(text) as StoredLineage);
    this.#cache(job, lineage);
    return lineage;
  }

  #lineageFile(job: Job): string {
    return path.join(this.folder(job), 'lineage.json');
  }

  #cache(job: Job, lineage: StoredLineage): void {
    this.#lineages.delete(job.jobId);
    this.#lineages.set(job.jobId, lineage);
    const [oldest] = this.#lineages.keys();
    if (this.#lineages.size > maxCached && oldest !== undefined) this.#lineages.delete(oldest);
  }
}
