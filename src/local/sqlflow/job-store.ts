import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from './atomic-file';
import type { Job } from './job';
import type { Lineage } from './analysis/model';

/** A job's lineage with the names of the files that its places point into. */
export interface StoredLineage extends Lineage {
  readonly fileNames: readonly string[];
}

/** Lineages that are kept in memory; the others are read again. */
const maxCached = 8;

/** Jobs on disk: a folder each, with the job, its uploads and its lineage. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #lineages = new Map<string, StoredLineage>();
  readonly #saving = new Map<string, Promise<void>>();
  #lastNumber = 0;

  private constructor(private readonly dir: string) {}

  static async open(stateDir: string): Promise<JobStore> {
    const store = new JobStore(path.join(stateDir, 'jobs'));
    await mkdir(store.dir, { recursive: true });
    for (const name of await readdir(store.dir)) {
      // A folder without its job is a submit that a crash cut off before it was answered.
      const text = await readFile(path.join(store.dir, name, 'job.json'), 'utf8').catch(() => '');
      if (text === '') await rm(path.join(store.dir, name), { recursive: true, force: true });
      else store.#jobs.set(name, JSON.parse(text) as Job);
    }
    store.#lastNumber = Math.max(0, ...store.all().map((job) => job.number));
    return store;
  }

  nextNumber(): number {
    return (this.#lastNumber += 1);
  }

  all(): Job[] {
    return [...this.#jobs.values()];
  }

  /** Latest submit first. */
  ofUser(userId: string): Job[] {
    return this.all()
      .filter((job) => job.userId === userId)
      .sort((a, b) => b.submittedAtMs - a.submittedAtMs || b.number - a.number);
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
  async prepare(job: Job): Promise<void> {
    await mkdir(this.folder(job), { recursive: true });
  }

  async add(job: Job): Promise<void> {
    this.#jobs.set(job.jobId, job);
    await this.save(job);
  }

  /** Writes of one job happen one after the other, the last state last. */
  async save(job: Job): Promise<void> {
    const before = this.#saving.get(job.jobId) ?? Promise.resolve();
    const saving = before
      .catch(() => undefined)
      .then(async () => {
        if (!this.has(job)) return;
        await writeAtomically(path.join(this.folder(job), 'job.json'), JSON.stringify(job));
      });
    this.#saving.set(job.jobId, saving);
    await saving;
    if (this.#saving.get(job.jobId) === saving) this.#saving.delete(job.jobId);
  }

  /** Removes uploads that later submits have replaced, once no run reads them any more. */
  async dropReplaced(job: Job): Promise<void> {
    for (const blob of job.replaced.splice(0)) {
      await rm(path.join(this.folder(job), blob), { force: true });
    }
  }

  /** The same job under another id. */
  async rename(job: Job, jobId: string): Promise<Job> {
    const moved = { ...job, jobId };
    await this.#saving.get(job.jobId)?.catch(() => undefined);
    this.#jobs.delete(job.jobId);
    this.#lineages.delete(job.jobId);
    await rename(this.folder(job), this.folder(moved));
    await this.add(moved);
    return moved;
  }

  async remove(job: Job): Promise<void> {
    this.#jobs.delete(job.jobId);
    this.#lineages.delete(job.jobId);
    await this.#saving.get(job.jobId)?.catch(() => undefined);
    // First of all, so that a crash meanwhile leaves a folder that the next start removes.
    await rm(path.join(this.folder(job), 'job.json'), { force: true });
    await rm(this.folder(job), { recursive: true, force: true, maxRetries: 3 });
  }

  async saveLineage(job: Job, lineage: StoredLineage): Promise<void> {
    await writeAtomically(path.join(this.folder(job), 'lineage.json'), JSON.stringify(lineage));
    this.#cache(job, lineage);
  }

  async lineage(job: Job): Promise<StoredLineage> {
    const cached = this.#lineages.get(job.jobId);
    if (cached) return cached;
    const text = await readFile(path.join(this.folder(job), 'lineage.json'), 'utf8');
    const lineage = JSON.parse(text) as StoredLineage;
    this.#cache(job, lineage);
    return lineage;
  }

  #cache(job: Job, lineage: StoredLineage): void {
    this.#lineages.delete(job.jobId);
    this.#lineages.set(job.jobId, lineage);
    const [oldest] = this.#lineages.keys();
    if (this.#lineages.size > maxCached && oldest !== undefined) this.#lineages.delete(oldest);
  }
}
