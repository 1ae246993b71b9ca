import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ArtifactRef } from '../contracts/artifact';
import { linkName, longestChain, parseLinkName, type Link } from './chain';
import { ArtifactError, ArtifactNotFoundError } from './errors';
import { artifactKey, artifactUri, type ArtifactStore } from './store';

/** Pages that are kept: those behind `from`, up to and with `to`; `count` is their rows. */
interface Part extends Link {
  /** Tells what the pages belong to; those of different prints never make one artifact. */
  readonly print: string;
  readonly key: string;
}

/** How far a download has been kept. */
export interface PartsPosition {
  readonly pages: number;
  readonly rows: number;
  /** Undefined where nothing is kept yet. */
  readonly print?: string;
}

/** The artifact that parts became, and what its maker must know of it. */
export interface MadeOfParts<Kind extends string> {
  readonly ref: ArtifactRef;
  readonly kind: Kind;
}

interface Note<Kind extends string> {
  readonly identity: string;
  readonly made: MadeOfParts<Kind>;
}

const folderEnd = '.parts/';
const wholeName = 'whole.json';

/**
 * The pages of a download that isn't whole yet: a few pages a part, each part an artifact of its own
 * named by the pages it holds. As with a log's chunks, the store is the cursor: an attempt that dies
 * leaves whole parts only, and the next one, on whatever machine, goes on behind the last of them.
 */
export class PageParts<Kind extends string> {
  private readonly prefix: string;

  /** @param key the artifact that they will become, or anything as unique */
  constructor(
    private readonly store: ArtifactStore,
    key: string,
  ) {
    this.prefix = `${key}${folderEnd}`;
  }

  async resume(signal: AbortSignal): Promise<PartsPosition> {
    const chain = furthest(await this.parts(signal));
    return {
      pages: chain.at(-1)?.to ?? 0,
      rows: chain.reduce((sum, part) => sum + part.count, 0),
      print: chain[0]?.print,
    };
  }

  /** Keeps whole pages; on return they are in the store. Repeating it changes nothing. */
  async append(print: string, pages: Link, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const key = `${this.prefix}${print}/${linkName(pages)}`;
    await this.store.put(key, Readable.from([bytes]), { format: 'binary', signal });
  }

  /** The first `to` pages. */
  async *bytes(print: string, to: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const parts = await this.parts(signal);
    const chain = longestChain(parts.filter((part) => part.print === print && part.to <= to));
    if ((chain.at(-1)?.to ?? 0) !== to) throw this.gone();
    for (const { key } of chain) {
      try {
        yield* await this.store.open(artifactUri(key), signal);
      } catch (error) {
        throw error instanceof ArtifactNotFoundError ? this.gone() : error;
      }
    }
  }

  /** The artifact that an earlier attempt has made of them; `identity` as it was said then. */
  async whole(identity: string, signal: AbortSignal): Promise<MadeOfParts<Kind> | undefined> {
    try {
      const uri = artifactUri(`${this.prefix}${wholeName}`);
      const note = JSON.parse(await text(await this.store.open(uri, signal))) as Note<Kind>;
      if (note.identity !== identity) return undefined;
      const key = artifactKey(note.made.ref.uri);
      return (await this.store.list(key, signal)).includes(key) ? note.made : undefined;
    } catch (error) {
      if (error instanceof ArtifactNotFoundError) return undefined;
      throw error;
    }
  }

  /** Notes what they have become, then removes them. */
  async finish(identity: string, made: MadeOfParts<Kind>, signal: AbortSignal): Promise<void> {
    const note = Readable.from([JSON.stringify({ identity, made } satisfies Note<Kind>)]);
    await this.store.put(`${this.prefix}${wholeName}`, note, { format: 'json', signal });
    await this.clear(signal, (key) => !key.endsWith(`/${wholeName}`));
  }

  /** From the last part to the first, so that what a crash leaves is still an unbroken beginning. */
  async clear(signal: AbortSignal, which: (key: string) => boolean = () => true): Promise<void> {
    const keys = await this.store.list(this.prefix, signal);
    for (const key of keys.filter(which).reverse()) await this.store.remove(key, signal);
  }

  private async parts(signal: AbortSignal): Promise<readonly Part[]> {
    const keys = await this.store.list(this.prefix, signal);
    return keys.flatMap((key) => {
      const [print = '', name = ''] = key.slice(this.prefix.length).split('/');
      const link = parseLinkName(name);
      return link === undefined ? [] : [{ ...link, print, key }];
    });
  }

  private gone(): ArtifactError {
    return new ArtifactError(
      'Artifacts.PartGone',
      `pages under ${this.prefix} are gone: another attempt made the artifact of them, or somebody removed them; the next attempt finds out`,
    );
  }
}

/** Of the chains of each print, the one that gets furthest. */
function furthest(parts: readonly Part[]): readonly Part[] {
  const prints = [...new Set(parts.map(({ print }) => print))];
  const chains = prints.map((print) => longestChain(parts.filter((part) => part.print === print)));
  const reach = (chain: readonly Part[]) => chain.at(-1)?.to ?? 0;
  return chains.reduce((best, next) => (reach(next) > reach(best) ? next : best), []);
}

/** Removes the notes and parts of all downloads under a prefix: for when nobody will resume them. */
export async function removeParts(
  store: ArtifactStore,
  prefix: string,
  signal: AbortSignal,
): Promise<void> {
  const keys = await store.list(prefix, signal);
  for (const key of keys.filter((candidate) => candidate.includes(folderEnd)).reverse()) {
    await store.remove(key, signal);
  }
}
