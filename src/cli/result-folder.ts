import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../artifacts/make-folder';
import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactFormat, ArtifactRef } from '../contracts/artifact';
import type { LogRef } from '../contracts/job';
import type { LinkisTaskResult } from '../contracts/linkis';
import { relativePathMistake } from '../contracts/relative-path';
import type { SqlFlowJobResult } from '../contracts/sqlflow';
import { CommandError, usageError } from './errors';
import { exitCodes } from './exit-codes';

export type JobResult = SqlFlowJobResult | LinkisTaskResult;

export interface WrittenFile {
  /** Below the folder, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly rows?: number;
}

/** What goes into a folder. */
export interface ResultFiles {
  /** Becomes `result.json`; there is none without it. */
  readonly result?: unknown;
  readonly artifacts: readonly (readonly [name: string, ref: ArtifactRef])[];
}

const extensions: Partial<Record<ArtifactFormat, string>> = { text: 'txt', binary: 'bin' };

/** What a result's artifacts are called in a folder. */
export function namedArtifacts(result: JobResult): readonly (readonly [string, ArtifactRef])[] {
  if (result.vendor === 'sqlflow') {
    return Object.entries(result.lineage).map(([format, ref]) => [`lineage.${format}`, ref]);
  }
  const sets = result.results.map(
    (set) => [`results/${set.index}.${extensions[set.format] ?? set.format}`, set] as const,
  );
  return result.log === undefined ? sets : [...sets, ['log.txt', result.log]];
}

/** What an earlier run left by this module's names: it must not be taken for this run's. */
const earlier =
  /^(result\.json|log\.txt|lineage\.(json|csv|graphml|html)|diff\.(json|md)|file-errors\.json|results)$/;

/**
 * A folder that takes a job's results. It is proven writable before anything is submitted; files
 * appear in it whole, `result.json` last.
 */
export class ResultFolder {
  private constructor(
    readonly path: string,
    /** The topmost folder that had to be made. */
    private readonly made: string | undefined,
  ) {}

  /** @throws CommandError where the folder can't be made or written */
  static async prepare(folder: string): Promise<ResultFolder> {
    let made: string | undefined;
    try {
      made = await makeFolder(folder);
      const probe = path.join(folder, `.probe-${randomUUID()}`);
      await writeFile(probe, '');
      await rm(probe);
      return new ResultFolder(folder, made);
    } catch (error) {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
      throw usageError(
        `--out ${folder} can't be written (${reasonOf(error)}), so nothing was started: name another folder.`,
      );
    }
  }

  /** Copies every artifact, checked by its hash, and writes `result.json`. */
  async writeResult(
    result: JobResult,
    store: ArtifactStore,
    signal: AbortSignal,
  ): Promise<WrittenFile[]> {
    return this.write({ result, artifacts: namedArtifacts(result) }, store, signal);
  }

  /** The log of a job that didn't succeed; there is no `result.json` then. */
  async writeLog(log: LogRef, store: ArtifactStore, signal: AbortSignal): Promise<WrittenFile[]> {
    return this.write({ artifacts: [['log.txt', log]] }, store, signal);
  }

  async write(
    { result, artifacts }: ResultFiles,
    store: ArtifactStore,
    signal: AbortSignal,
  ): Promise<WrittenFile[]> {
    return this.replace(async (incoming) => {
      const written = await this.copyAll(artifacts, incoming, store, signal);
      if (result === undefined) return written;
      const text = `${JSON.stringify(result, null, 2)}\n`;
      await writeFile(path.join(incoming, 'result.json'), text);
      return [this.written('result.json', Buffer.byteLength(text)), ...written];
    });
  }

  /** Takes away what {@link prepare} made, unless something was written since. */
  async abandon(): Promise<void> {
    if (this.made === undefined) return;
    let folder = this.path;
    while (folder.startsWith(this.made) && (await isEmpty(folder))) {
      await rmdir(folder);
      folder = path.dirname(folder);
    }
  }

  private async copyAll(
    artifacts: readonly (readonly [string, ArtifactRef])[],
    incoming: string,
    store: ArtifactStore,
    signal: AbortSignal,
  ): Promise<WrittenFile[]> {
    const written: WrittenFile[] = [];
    for (const [name, ref] of artifacts) {
      refuseLeadingOut(name);
      await copyChecked(ref, path.join(incoming, name), store, signal);
      written.push(this.written(name, ref.sizeBytes, ref.rows));
    }
    return written;
  }

  /** Files are made beside and moved in when all are there; an error leaves the folder as it was. */
  private async replace<T>(fill: (incoming: string) => Promise<T>): Promise<T> {
    const incoming = path.join(this.path, `.incoming-${randomUUID()}`);
    try {
      await mkdir(incoming);
      const filled = await fill(incoming);
      for (const name of await readdir(this.path)) {
        if (earlier.test(name)) {
          await rm(path.join(this.path, name), { recursive: true, force: true });
        }
      }
      const names = (await readdir(incoming)).sort(resultLast);
      for (const name of names) {
        await rename(path.join(incoming, name), path.join(this.path, name));
      }
      return filled;
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
  }

  private written(name: string, sizeBytes: number, rows?: number): WrittenFile {
    return { name, path: path.join(this.path, name), sizeBytes, rows };
  }
}

/** A result comes from Temporal, where others may have written it: it must not choose where files go. */
function refuseLeadingOut(name: string): void {
  const mistake = relativePathMistake(name);
  if (mistake === undefined) return;
  throw new CommandError(
    exitCodes.unknown,
    `The result names the file ${JSON.stringify(name.slice(0, 200))}, which ${mistake}: no worker of this package wrote it, so nothing was copied.`,
  );
}

function resultLast(a: string, b: string): number {
  return Number(a === 'result.json') - Number(b === 'result.json');
}

async function copyChecked(
  ref: ArtifactRef,
  target: string,
  store: ArtifactStore,
  signal: AbortSignal,
): Promise<void> {
  await makeFolder(path.dirname(target));
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(await store.open(ref.uri, signal), hashing, createWriteStream(target), { signal });
  if (hash.digest('hex') !== ref.sha256) {
    throw new CommandError(
      exitCodes.unknown,
      `${ref.uri} in the artifact store is not what the job stored (its hash differs): fetch the results again by running the job again.`,
    );
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => ['?'])).length === 0;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of the path is a file',
  ENOSPC: 'no space is left',
  ENAMETOOLONG: 'the path is too long',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && reasons[code]) ?? code ?? message;
}
