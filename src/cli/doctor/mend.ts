import { promptStream } from '../choose';
import type { Session } from '../session';
import { words, type Examined, type Finding } from './finding';

/** With `--fix`. */
export interface Mending {
  readonly session: Session;
  /** Whether a person is asked before each. */
  readonly ask: boolean;
}

/** The finding as it is to be told: mended where that is wanted and works. */
export async function mended(
  { fix, ...finding }: Examined,
  mending: Mending | undefined,
): Promise<Finding> {
  if (fix === undefined) return finding;
  const kept: Finding = { ...finding, fixable: true };
  if (mending === undefined) return kept;
  if (mending.ask && !(await agreed(mending.session, fix.what))) return kept;
  try {
    const { check, found } = finding;
    return { check, status: 'ok', found, fixed: await fix.run() };
  } catch (error) {
    return {
      ...kept,
      found: `${finding.found}; the attempt to ${fix.what} failed: ${words(error)}`,
    };
  }
}

async function agreed({ context }: Session, what: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message: `${what.charAt(0).toUpperCase()}${what.slice(1)}?`,
    input: context.stdin as NodeJS.ReadStream,
    output: promptStream(context),
  });
  return answer === true;
}
