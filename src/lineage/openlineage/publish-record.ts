import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ArtifactNotFoundError } from '../../artifacts/errors';
import { artifactUri, type ArtifactStore } from '../../artifacts/store';
import { chainFolder, revisionFolder } from '../../contracts/chain';
import type { LineageRun } from '../../contracts/lineage-publish';
import type { EventOutput } from './events';

interface Recorded {
  readonly version: 1;
  /** Of the events: others, after another setting, are another publication. */
  readonly seed: string;
  /** Events before this one have been sent. */
  readonly next: number;
  /** Of those, the ones that the target did not take. */
  readonly aside: readonly number[];
  /** Outputs of the revision published before this one, into which nothing flows any more. */
  readonly gone: readonly EventOutput[];
  /** Set when the target has taken everything. */
  readonly outputs?: readonly EventOutput[];
}

interface RecordOf {
  readonly run: LineageRun;
  /** The target's name. */
  readonly target: string;
  readonly seed: string;
  readonly outputs: readonly EventOutput[];
  readonly signal: AbortSignal;
}

/** What one target has taken of a revision's events: `<revision>/published/<target>.json`. */
export class PublishRecord {
  private constructor(
    private readonly store: ArtifactStore | undefined,
    private readonly key: string,
    private readonly outputs: readonly EventOutput[],
    private recorded: Recorded,
  ) {}

  /** What an earlier attempt recorded, else a new record that knows which outputs are gone. */
  static async open(
    store: ArtifactStore,
    { run, target, seed, outputs, signal }: RecordOf,
  ): Promise<PublishRecord> {
    const key = `${revisionFolder(run.connection, run.chain, run.revision)}/${fileOf(target)}`;
    const found = await read(store, key, signal);
    if (found?.seed === seed) return new PublishRecord(store, key, outputs, found);
    const before = await publishedBefore(store, run, target, signal);
    const there = new Set(outputs.map((output) => output.key));
    const gone = before.filter((output) => !there.has(output.key));
    const record = new PublishRecord(store, key, outputs, {
      version: 1,
      seed,
      next: 0,
      aside: [],
      gone,
    });
    // A repeat must have the same events, whatever else is published meanwhile.
    await record.write();
    return record;
  }

  /** Of lineage that is no chain's revision: nothing is kept, and a repeat sends everything again. */
  static unkept(seed: string): PublishRecord {
    const recorded = { version: 1, seed, next: 0, aside: [], gone: [] } as const;
    return new PublishRecord(undefined, '', [], recorded);
  }

  get gone(): readonly EventOutput[] {
    return this.recorded.gone;
  }

  /** Events that were sent and not taken. */
  get aside(): readonly number[] {
    return this.recorded.aside;
  }

  isDue(event: number): boolean {
    return event >= this.recorded.next || this.recorded.aside.includes(event);
  }

  async taken(event: number): Promise<void> {
    await this.sent(
      event,
      this.aside.filter((other) => other !== event),
    );
  }

  async setAside(event: number): Promise<void> {
    await this.sent(event, [...new Set([...this.aside, event])]);
  }

  /** The target has everything. */
  async finish(): Promise<void> {
    if (this.recorded.outputs !== undefined) return;
    this.recorded = { ...this.recorded, outputs: this.outputs };
    await this.write();
  }

  private async sent(event: number, aside: readonly number[]): Promise<void> {
    const next = Math.max(this.recorded.next, event + 1);
    this.recorded = { ...this.recorded, next, aside };
    await this.write();
  }

  /** Not cut short by an abort: the target has the event. */
  private async write(): Promise<void> {
    const body = Readable.from([JSON.stringify(this.recorded)]);
    const { signal } = new AbortController();
    await this.store?.put(this.key, body, { format: 'json', signal });
  }
}

function fileOf(target: string): string {
  return `published/${target}.json`;
}

/** Outputs of the highest earlier revision that the target has taken as a whole. */
async function publishedBefore(
  store: ArtifactStore,
  { connection, chain, revision }: LineageRun,
  target: string,
  signal: AbortSignal,
): Promise<readonly EventOutput[]> {
  const folder = `${chainFolder(connection, chain)}/`;
  const end = `/${fileOf(target)}`;
  const earlier = (await store.list(folder, signal))
    .filter((key) => key.endsWith(end))
    .map((key) => Number(key.slice(folder.length, -end.length)))
    .filter((number) => number < revision)
    .sort((one, other) => other - one);
  for (const number of earlier) {
    const { outputs } = (await read(store, `${folder}${number}${end}`, signal)) ?? {};
    if (outputs !== undefined) return outputs;
  }
  return [];
}

async function read(
  store: ArtifactStore,
  key: string,
  signal: AbortSignal,
): Promise<Recorded | undefined> {
  try {
    return JSON.parse(await text(await store.open(artifactUri(key), signal))) as Recorded;
  } catch (error) {
    if (error instanceof ArtifactNotFoundError) return undefined;
    throw error;
  }
}
