import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { awaitOutcome } from '../../src/starter/outcome';
import { scenarios } from './scenarios';
import { scrubbed } from './scrub';
import { Stage } from './stage';

/**
 * Records the histories anew: `npm run record-histories`, or with words for the scenarios whose
 * names hold one of them. CONTRIBUTING says when.
 */
async function record(words: readonly string[]): Promise<void> {
  const folder = path.join(__dirname, 'recorded');
  await mkdir(folder, { recursive: true });
  const chosen = scenarios.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const stage = await Stage.open();
  try {
    for (const { name, outcome, run } of chosen) {
      const ran = await run(stage);
      const { workflowId, runId } = typeof ran === 'string' ? { workflowId: ran, runId: undefined } : ran;
      const ended = await awaitOutcome(stage.client, workflowId);
      stage.local.sqlflow.service.setFaults(undefined);
      stage.local.linkis.service.setFaults(undefined);
      if (!holds(ended, outcome)) {
        throw new Error(`${name} came to ${JSON.stringify(ended)}, not to ${JSON.stringify(outcome)}`);
      }
      const history = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const bytes = scrubbed(name, history);
      await writeFile(path.join(folder, `${name}.bin`), bytes);
      const events = history.events?.length ?? 0;
      process.stdout.write(`${name}: ${events} events, ${bytes.length} bytes\n`);
    }
  } finally {
    await stage.close();
  }
  if (words.length === 0) await removeOthers(folder);
}

/** Whether a value has all that a part of it has. */
function holds(value: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return isDeepStrictEqual(value, part);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(part).every(([key, inner]) =>
    holds((value as Record<string, unknown>)[key], inner),
  );
}

/** Histories of scenarios that are no more. */
async function removeOthers(folder: string): Promise<void> {
  const names = new Set(scenarios.map(({ name }) => `${name}.bin`));
  for (const file of await readdir(folder)) {
    if (!names.has(file)) await rm(path.join(folder, file));
  }
}

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} },
  },
});
record(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
