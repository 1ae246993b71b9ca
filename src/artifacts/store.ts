import type { Readable } from 'node:stream';
import { ArtifactError } from './errors';
import type { ArtifactFormat, ArtifactRef } from '../contracts/artifact';

/**
 * Bytes to be stored: never held in memory as a whole. A piece is valid until the second one after it
 * is asked for, which may lie in the same memory: one can be written while the next one is made.
 */
export type ArtifactBody = Readable | AsyncIterable<Uint8Array | string>;

/** How an artifact is stored. */
export interface PutOptions {
  readonly format: ArtifactFormat;
  readonly signal: AbortSignal;
  /** Taken over into the reference; for tables. May be a function, read after the body has ended. */
  readonly table?: () => { readonly rows: number; readonly columns: readonly string[] };
}

/**
 * Where inputs, logs, results and lineage go. A port: the folder store is the default, others
 * (an object store) come by implementing this.
 *
 * Keys are relative paths with `/`; no implementation lets one escape the store.
 */
export interface ArtifactStore {
  /**
   * Stores a body under a key, whole or not at all: a reader never sees half of it, and a body that
   * throws leaves nothing. Repeating it replaces the artifact.
   */
  put(key: string, body: ArtifactBody, options: PutOptions): Promise<ArtifactRef>;
  /** Stores a body under its own hash (`inputs/<sha256>`); repeating it stores it once. */
  putByHash(body: ArtifactBody, options: PutOptions): Promise<ArtifactRef>;
  /**
   * A reference to what {@link putByHash} stored under a hash (lower-case hex), or undefined. Nothing
   * is read: it spares storing again what a store has.
   */
  findByHash(
    sha256: string,
    format: ArtifactFormat,
    signal: AbortSignal,
  ): Promise<ArtifactRef | undefined>;
  /**
   * A reference to what is stored under a key, or undefined. Where a store keeps no hash beside the
   * artifact, the whole of it is read.
   */
  find(key: string, format: ArtifactFormat, signal: AbortSignal): Promise<ArtifactRef | undefined>;
  /** Opens an artifact for reading; {@link ArtifactNotFoundError} where it is missing. */
  open(uri: string, signal: AbortSignal): Promise<Readable>;
  /** Keys under a prefix, sorted. */
  list(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes one artifact; a missing one is no error. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Removes every artifact below a folder, `chains/dw/nightly/7`; a missing one is no error. */
  removeFolder(folder: string, signal: AbortSignal): Promise<void>;
}

const scheme = 'artifact:';

/** The reference to what is stored under a key: what travels through history in place of the bytes. */
export function artifactUri(key: string): string {
  return `${scheme}${key}`;
}

/** Where what is stored by its hash lies. */
export function hashKey(sha256: string): string {
  return `inputs/${sha256}`;
}

/**
 * The key of a reference: `jobs/…/lineage.json` of `artifact:jobs/…/lineage.json`.
 *
 * @throws ArtifactError (`Artifacts.BadKey`) where it is none
 */
export function artifactKey(uri: string): string {
  if (!uri.startsWith(scheme)) {
    throw new ArtifactError(
      'Artifacts.BadKey',
      `${JSON.stringify(uri.slice(0, 200))} is no artifact reference: one begins with "${scheme}"`,
    );
  }
  return uri.slice(scheme.length);
}
