import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalStack } from '../../src/local/stack';
import { awaitOutcome } from '../../src/starter/outcome';
import { pipelineState, startPipeline } from '../../src/starter/pipelines';
import { KillableWorker } from '../support/killable-worker';
import { until } from '../support/until';
import { pipelineInput, task, type TestStep } from '../workflows/pipeline-stage';
import { say } from './report';
import { bundle } from './stage';

const taskQueue = 'fire-pipeline';
const layerSteps = 25;
const hangsAfterMs = 15 * 60_000;

/**
 * `npm run test:pipeline`: a thousand steps in layers, each of which needs two of the layer before
 * and reads what one of them left, while the only worker is killed twice. Each step must have run
 * exactly once on the service, after what it needs.
 */
async function main(): Promise<number> {
  const flags = new Command('test:pipeline')
    .option('--steps <number>', 'steps in all', '1000')
    .option('--kills <number>', 'workers killed', '2')
    .parse()
    .opts<{ steps: string; kills: string }>();
  const steps = Number(flags.steps);
  const kills = Number(flags.kills);
  const folder = await mkdtemp(path.join(tmpdir(), 'fire-pipeline-'));
  const stack = await LocalStack.start();
  const linkis = await LocalLinkis.start({ maxConcurrentTasks: 64 });
  const connection = await Connection.connect({ address: stack.temporal.address });
  const artifacts = path.join(folder, 'artifacts');
  const worker = new KillableWorker({
    address: stack.temporal.address,
    taskQueue,
    bundlePath: await bundle(folder),
    artifacts,
    sqlflowUrl: stack.sqlflow.url,
    linkisUrl: linkis.url,
  });
  try {
    const client = new Client({ connection });
    const store = new FolderArtifactStore({ root: artifacts });
    const input = await pipelineInput({ store }, layers(steps), { maxParallel: 50 });
    await worker.start();
    const startedMs = Date.now();
    const { workflowId } = await startPipeline(client, input, { taskQueue });
    for (let kill = 1; kill <= kills; kill++) {
      const atLeast = Math.floor((steps * kill) / (kills + 1));
      const succeeded = async () => (await pipelineState(client, workflowId)).counts.succeeded;
      await until(async () => (await succeeded()) >= atLeast, hangsAfterMs);
      await worker.stop('SIGKILL');
      say(`worker killed with ${atLeast} of ${steps} steps done`);
      await worker.start();
    }
    const outcome = await awaitOutcome(client, workflowId);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const problems = outcome.kind === 'succeeded' ? [] : [`it ended as ${JSON.stringify(outcome)}`];
    problems.push(...(await judge(client, workflowId, linkis, input.graph.steps)));
    const runs = await countRuns(client, workflowId);
    say(
      `${steps} steps in ${seconds} s over ${runs} runs of the workflow, ${kills} workers killed`,
    );
    for (const problem of problems) say(`PROBLEM: ${problem}`);
    say(problems.length === 0 ? 'Each step ran once, after what it needs.' : 'That was wrong.');
    return problems.length === 0 ? 0 : 1;
  } finally {
    await worker.stop('SIGKILL');
    await connection.close();
    await Promise.all([stack.close(), linkis.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

function layers(count: number): Record<string, TestStep> {
  const steps: Record<string, TestStep> = {};
  for (let at = 0; at < count; at++) {
    const before = at - layerSteps;
    const needs = before < 0 ? [] : [nameOf(before), nameOf(before - (before % layerSteps))];
    const code =
      before < 0 ? 'select 1 as one' : `select '{{steps.${nameOf(before)}.taskId}}' as after`;
    steps[nameOf(at)] = {
      run: task(code),
      needs: [...new Set(needs)],
      uses: before < 0 ? [] : [nameOf(before)],
    };
  }
  return steps;
}

function nameOf(at: number): string {
  return `s${at}`;
}

/** What the service itself says of it. */
async function judge(
  client: Client,
  workflowId: string,
  linkis: LocalLinkis,
  steps: readonly { readonly name: string; readonly needs: readonly string[] }[],
): Promise<string[]> {
  const problems: string[] = [];
  const byStep = new Map<string, number[]>();
  for (const { source, taskId } of linkis.tasks() as readonly any[]) {
    const owner = String(source?.remoteJobsWorkflowId);
    if (!owner.startsWith(`${workflowId}/`)) continue;
    const step = owner.slice(workflowId.length + 1);
    byStep.set(step, [...(byStep.get(step) ?? []), Number(taskId)]);
  }
  for (const { name, needs } of steps) {
    const [own, ...more] = byStep.get(name) ?? [];
    if (own === undefined) problems.push(`${name} never ran`);
    else if (more.length > 0) problems.push(`${name} ran ${more.length + 1} times`);
    // The service counts its tasks up: what is needed was submitted, and so had ended, before.
    else if (needs.some((need) => (byStep.get(need)?.[0] ?? Infinity) >= own)) {
      problems.push(`${name} ran before what it needs`);
    }
  }
  const { counts } = await pipelineState(client, workflowId);
  if (counts.succeeded !== steps.length) problems.push(`it tells ${JSON.stringify(counts)}`);
  return problems.slice(0, 20);
}

async function countRuns(client: Client, workflowId: string): Promise<number> {
  let runs = 0;
  for await (const _run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    runs += 1;
  return runs;
}

void main().then((exitCode) => process.exit(exitCode));
