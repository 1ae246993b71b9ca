import type { ArtifactStore } from '../../src/artifacts/store';
import type { LinkisCallOptions, LinkisClient } from '../../src/clients/linkis/public';
import type { SecretResolver } from '../../src/config/secrets';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { logWithoutSecrets } from '../without-secrets';

const lastLines = 40;

export interface PersistedLogOrder {
  /** The task's `logPath`. */
  readonly path: string;
  /** Of the artifact. */
  readonly key: string;
  /** The rest is counted and not kept. @default all */
  readonly maxLines?: number;
  /** Is shown every line, some at a time. */
  readonly onLines?: (lines: readonly string[]) => void;
  /** Asked at the end whether this is the log; where it isn't, nothing is stored. @default it is */
  readonly isLog?: (lines: number) => Promise<boolean>;
}

export interface PersistedLog {
  /** Absent where it wasn't the log. */
  readonly ref?: ArtifactRef;
  /** All, those beyond the limit included. */
  readonly lines: number;
  /** The last ones of all. */
  readonly last: readonly string[];
}

/**
 * Copies the service's own log of a task into the store, some lines at a time, without secrets. The
 * artifact appears whole or not at all: an answer that turns out to be broken, or no log, leaves
 * nothing.
 */
export async function storePersistedLog(
  client: LinkisClient,
  { artifacts, secrets }: { readonly artifacts: ArtifactStore; readonly secrets: SecretResolver },
  { path, key, maxLines = Infinity, onLines, isLog }: PersistedLogOrder,
  call: LinkisCallOptions,
): Promise<PersistedLog> {
  const { signal } = call;
  let count = 0;
  let last: readonly string[] = [];
  let isOther = false;
  const log = await client.readLog(path, call);
  async function* body(): AsyncGenerator<string> {
    for await (const lines of logWithoutSecrets(log, secrets)) {
      const room = maxLines - count;
      count += lines.length;
      last =
        lines.length < lastLines ? [...last, ...lines].slice(-lastLines) : lines.slice(-lastLines);
      onLines?.(lines);
      if (room > 0) yield `${(lines.length <= room ? lines : lines.slice(0, room)).join('\n')}\n`;
    }
    isOther = (await isLog?.(count)) === false;
    if (isOther) throw new Error('not the log');
  }
  try {
    const ref = await artifacts.put(key, body(), { format: 'text', signal });
    return { ref, lines: count, last };
  } catch (error) {
    if (!isOther) throw error;
    return { lines: count, last };
  } finally {
    log.close();
  }
}
