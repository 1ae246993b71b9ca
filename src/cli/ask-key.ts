import type { CliContext } from './context';

const ctrlC = '\u0003';

/**
 * Waits for one of some keys, or for Ctrl-C, which a terminal in raw mode hands over as a key.
 *
 * @returns the key, in lower case; `ctrl-c`; or `other`
 */
export async function askKey(
  { stdin }: Pick<CliContext, 'stdin'>,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  stdin.setRawMode?.(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve) => {
      const answer = (key: string) => {
        stdin.off('data', onData);
        signal.removeEventListener('abort', onAbort);
        resolve(key);
      };
      const onAbort = () => answer('other');
      const onData = (data: Buffer | string) => {
        const key = data.toString().slice(0, 1).toLowerCase();
        if (key === ctrlC) answer('ctrl-c');
        else answer(keys.includes(key) ? key : 'other');
      };
      stdin.on('data', onData);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
  }
}
