import { randomUUID } from 'node:crypto';
import { constants, type RmOptions } from 'node:fs';
import { lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import type { ArtifactFormat, ArtifactRef } from '../contracts/artifact';
import { ArtifactError, ArtifactNotFoundError } from './errors';
import { explainFileError, isMissing } from './file-errors';
import { makeFolder } from './make-folder';
import { checkKey, unfinishedFolder } from './keys';
import {
  artifactKey,
  artifactUri,
  hashKey,
  type ArtifactBody,
  type ArtifactStore,
  type PutOptions,
} from './store';
import { hashBody, removeLeftovers, writeUnfinished, type WrittenFile } from './unfinished';

/** What a check writes: an empty file would fit on a disk that is full. */
const checkBytes = 64 * 1024;

/** Settings of a {@link FolderArtifactStore}. */
export interface FolderArtifactStoreOptions {
  /** The folder that holds everything; made when it is missing. All workers and callers share it. */
  readonly root: string;
}

/**
 * Artifacts as files under one folder. A write goes to a file of its own under `.unfinished/`, is
 * flushed to the disk, and is then renamed: a reader sees the whole artifact or none, also after a
 * power cut, and of several writers of one key the last one wins. What a crashed writer left there
 * is never listed, and removed a day later.
 */
export class FolderArtifactStore implements ArtifactStore {
  readonly root: string;
  private cleaned: Promise<void> | undefined;

  constructor(options: FolderArtifactStoreOptions) {
    if (options.root.trim() === '' || options.root.includes('\0')) {
      throw new ArtifactError(
        'Artifacts.NotWritable',
        'the artifact folder is blank: name one in artifacts.folder',
      );
    }
    this.root = path.resolve(options.root);
  }

  /** For a person. */
  get place(): string {
    return this.root;
  }

  async put(key: string, body: ArtifactBody, options: PutOptions): Promise<ArtifactRef> {
    checkKey(key);
    return this.store(body, options, () => key);
  }

  async putByHash(body: ArtifactBody, options: PutOptions): Promise<ArtifactRef> {
    return this.store(body, options, ({ sha256 }) => hashKey(sha256));
  }

  async findByHash(
    sha256: string,
    format: ArtifactFormat,
    signal: AbortSignal,
  ): Promise<ArtifactRef | undefined> {
    signal.throwIfAborted();
    const key = hashKey(sha256);
    checkKey(key);
    try {
      const found = await lstat(path.join(this.root, key));
      // A link, or a file that a lost disk left empty: stored anew, it is whole.
      const isWhole = found.isFile() && found.size > 0;
      return isWhole ? { uri: artifactUri(key), format, sizeBytes: found.size, sha256 } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw explainFileError(error, this.root, `read ${key}`);
    }
  }

  async find(
    key: string,
    format: ArtifactFormat,
    signal: AbortSignal,
  ): Promise<ArtifactRef | undefined> {
    try {
      const hashed = await hashBody(await this.open(artifactUri(key), signal));
      return { uri: artifactUri(key), format, ...hashed };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ArtifactNotFoundError) return undefined;
      throw error;
    }
  }

  async open(uri: string, signal: AbortSignal): Promise<Readable> {
    signal.throwIfAborted();
    const key = artifactKey(uri);
    checkKey(key);
    try {
      const file = await this.insideRoot(path.join(this.root, key), key);
      // Not waiting for a writer, should somebody have put a pipe here.
      const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      if (!(await handle.stat()).isFile()) {
        await handle.close();
        throw new ArtifactNotFoundError(uri);
      }
      return quiet(addAbortSignal(signal, handle.createReadStream()));
    } catch (error) {
      if (isMissing(error)) throw new ArtifactNotFoundError(uri);
      throw explainFileError(error, this.root, `read ${key}`);
    }
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    const keys: string[] = [];
    await this.walk(folder, prefix, keys, signal);
    return keys.sort();
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.removeInside(key, signal, { force: true });
  }

  async removeFolder(folder: string, signal: AbortSignal): Promise<void> {
    await this.removeInside(folder, signal, { force: true, recursive: true });
  }

  /** Proves by a small file that the folder can be written; for `doctor` and a worker's start. */
  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const unfinished = await this.unfinished();
    try {
      const file = path.join(unfinished, randomUUID());
      try {
        const handle = await open(file, 'wx');
        try {
          await handle.writeFile(Buffer.alloc(checkBytes));
          await handle.sync();
        } finally {
          await handle.close();
        }
      } finally {
        await rm(file, { force: true });
      }
    } catch (error) {
      throw explainFileError(error, this.root, 'write a file');
    }
  }

  /** Nothing is held open: for those who hold any store. */
  async close(): Promise<void> {}

  /** A link is removed itself, and never followed. */
  private async removeInside(key: string, signal: AbortSignal, options: RmOptions): Promise<void> {
    signal.throwIfAborted();
    checkKey(key);
    const file = path.join(this.root, key);
    try {
      const folder = await this.insideRoot(path.dirname(file), key);
      await rm(path.join(folder, path.basename(file)), options);
    } catch (error) {
      if (isMissing(error)) return;
      throw explainFileError(error, this.root, `remove ${key}`);
    }
  }

  private async store(
    body: ArtifactBody,
    options: PutOptions,
    nameKey: (written: WrittenFile) => string,
  ): Promise<ArtifactRef> {
    const { signal, format } = options;
    if (body instanceof Readable) quiet(body);
    signal.throwIfAborted();
    const temporary = path.join(await this.unfinished(), randomUUID());
    const explain = (error: unknown) => explainFileError(error, this.root, 'write');
    try {
      const written = await writeUnfinished(temporary, body, signal, explain);
      const key = nameKey(written);
      await this.moveInto(temporary, key).catch((error: unknown) => {
        throw explain(error);
      });
      return { uri: artifactUri(key), format, ...written, ...options.table?.() };
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  private async moveInto(temporary: string, key: string): Promise<void> {
    const target = path.join(this.root, key);
    const parent = path.dirname(target);
    // Looked at before mkdir, which would follow a link out of the store and make folders there.
    await this.insideRoot(await deepestExisting(parent), key);
    await makeFolder(parent);
    await rename(temporary, target);
    const folder = await open(parent, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** The real path of something that exists, refused when a link leads out of the root. */
  private async insideRoot(file: string, key: string): Promise<string> {
    const [root, real] = await Promise.all([realpath(this.root), realpath(file)]);
    if (real !== root && !real.startsWith(root === path.sep ? root : root + path.sep)) {
      throw new ArtifactError(
        'Artifacts.BadKey',
        `the artifact key ${JSON.stringify(key)} leads out of ${this.root} by a symbolic link: remove the link`,
      );
    }
    return real;
  }

  private async walk(
    folder: string,
    prefix: string,
    keys: string[],
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    let entries;
    try {
      const real = await this.insideRoot(path.join(this.root, folder), folder);
      entries = await readdir(real, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return;
      throw explainFileError(error, this.root, `list ${folder}`);
    }
    for (const entry of entries) {
      const key = `${folder}${entry.name}`;
      if (key === unfinishedFolder) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) {
          await this.walk(`${key}/`, prefix, keys, signal);
        }
      } else if (entry.isFile() && key.startsWith(prefix)) {
        keys.push(key);
      }
    }
  }

  /** The folder for unfinished writes, made when missing, cleaned once in a store's life. */
  private async unfinished(): Promise<string> {
    const folder = path.join(this.root, unfinishedFolder);
    try {
      await makeFolder(folder);
      await this.insideRoot(folder, unfinishedFolder);
    } catch (error) {
      throw explainFileError(error, this.root, 'make it');
    }
    this.cleaned ??= removeLeftovers(folder);
    await this.cleaned;
    return folder;
  }
}

/**
 * Keeps a stream that breaks before anybody reads it from ending the process; whoever reads it gets
 * its error all the same.
 */
function quiet(stream: Readable): Readable {
  return stream.on('error', () => undefined);
}

async function deepestExisting(folder: string): Promise<string> {
  for (let candidate = folder; ; candidate = path.dirname(candidate)) {
    try {
      await stat(candidate);
      return candidate;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
