import { createHash } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { runVariable } from './test-run';

export interface BundleFile {
  readonly codePath: string;
}

/** Bundles a workflows file when the first spec of the run asks for it; the others share it. */
export async function workflowBundle(workflowsPath: string): Promise<BundleFile> {
  const name = createHash('sha256').update(workflowsPath).digest('hex').slice(0, 16);
  const codePath = path.join(runVariable('runDir'), `workflows-${name}.js`);
  const there = await access(codePath).then(
    () => true,
    () => false,
  );
  if (!there) {
    const logger = new DefaultLogger('ERROR');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger });
    // Renamed, since Jest's other worker may be at the same.
    await writeFile(`${codePath}.${process.pid}`, code);
    await rename(`${codePath}.${process.pid}`, codePath);
  }
  return { codePath };
}
