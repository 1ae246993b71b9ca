import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface TemporalBinary {
  readonly path: string;
  /** Of the server inside, such as `1.29.1`. */
  readonly serverVersion: string;
}

/** The first server on which updates-with-start need no switch. */
const oldestServer = [1, 28] as const;

/** Why a binary can't be used. */
export interface UnusableBinary {
  readonly problem: string;
  /** True where there is nothing at all. */
  readonly missing?: boolean;
}

/** Asks a binary for its version. */
export async function inspectBinary(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<TemporalBinary | UnusableBinary> {
  let said: string;
  try {
    const answer = await promisify(execFile)(file, ['--version'], {
      env: environment,
      timeout: 20_000,
    });
    said = answer.stdout.trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problem: 'there is no such file', missing: true };
    return { problem: `\`--version\` fails: ${message.trim().split('\n').at(-1)}` };
  }
  // The CLI's own version is 0.0.0-DEV where `go install` built it; the server's is always there.
  const found = /\(Server (\d+)\.(\d+)\.[^,)]*/.exec(said);
  if (!found) return { problem: `it isn't a Temporal CLI; its --version says ${quote(said)}` };
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major < oldestServer[0] || (major === oldestServer[0] && minor < oldestServer[1])) {
    return {
      problem: `it is too old; it holds server ${found[1]}.${found[2]}, and ${oldestServer.join('.')} is needed`,
    };
  }
  return { path: file, serverVersion: found[0].slice('(Server '.length) };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
