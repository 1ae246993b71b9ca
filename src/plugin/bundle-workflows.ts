import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const source = `
const [sdk, workflowsPath, ...workflowInterceptorModules] = process.argv.slice(1);
require(sdk).bundleWorkflowCode({ workflowsPath, workflowInterceptorModules }).then(
  ({ code }) => process.stdout.write(code),
  (error) => { console.error(String(error.message ?? error)); process.exitCode = 1; },
);
`;
const timeoutMs = 5 * 60_000;
const longestBytes = 64 * 2 ** 20;

/**
 * Bundles workflows as the SDK would, in a process of its own: the bundler would leave 70 MiB in
 * this one for as long as the worker runs.
 *
 * @throws Error with the bundler's last words
 */
export async function bundleWorkflows(
  workflowsPath: string,
  options: { readonly interceptors?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<{ readonly code: string }> {
  const { interceptors = [], signal } = options;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-e', source, '--', require.resolve('@temporalio/worker'), workflowsPath, ...interceptors],
      { timeout: timeoutMs, maxBuffer: longestBytes, signal },
    );
    return { code: stdout };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const words = stderr.trim().split('\n').at(-1) || message;
    throw new Error(`The workflows could not be bundled: ${words}`, { cause: error });
  }
}
