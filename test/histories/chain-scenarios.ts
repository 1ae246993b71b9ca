import { randomUUID } from 'node:crypto';
import { chainMessages, chainWorkflowId, type ChainRefreshInput } from '../../src/contracts/chain';
import { adoptJob, chainState, forgetChain, pauseChain } from '../../src/starter/chains';
import { answerApproval } from '../../src/starter/approvals';
import { awaitOutcome } from '../../src/starter/outcome';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const connection = 'lineage';
const orders = 'create table sales.orders (id int, amount int);\n';
const totals = `${orders}insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;`;
const counts = `${orders}insert into mart.totals (id, total) select id, count(*) from sales.orders group by id;`;
const slow = `-- local: delay 60s\n${totals}`;
const gate = { maxRemovedEdges: 0 };

/** Each scenario has a chain of its own. */
class RecordedChain {
  readonly name = `chain-${randomUUID().slice(0, 8)}`;
  readonly workflowId = chainWorkflowId(connection, this.name);

  constructor(private readonly stage: Stage) {}

  ask(sql: string, more: Partial<ChainRefreshInput> = {}) {
    return this.stage.askChain(this.name, sql, more);
  }

  /** Asks, and waits for the end; the id of the refresh. */
  async refreshed(sql: string, more: Partial<ChainRefreshInput> = {}): Promise<string> {
    const { workflowId, refreshId } = await this.ask(sql, more);
    await awaitOutcome(this.stage.client, workflowId);
    return refreshId;
  }

  /** Asks for a refresh that takes long, and waits until its job is at work. */
  async atWork(sql = slow) {
    const asked = await this.ask(sql);
    const jobs = () =>
      this.stage.local.sqlflow.jobs().filter(({ jobName }) => jobName.startsWith(this.name));
    await this.stage.until(() =>
      Promise.resolve(jobs().some(({ status }) => status === 'process')),
    );
    // What the chain then hears of the job is in the history.
    await this.stage.until(async () => (await this.state()).current?.jobId !== undefined);
    return asked;
  }

  /** Asks for another one meanwhile. */
  async waiting(sql = counts) {
    const asked = await this.ask(sql);
    await this.stage.until(async () => (await this.state()).queue.length > 0);
    return asked;
  }

  state() {
    return chainState(this.stage.client, connection, this.name);
  }

  async forget(force = false): Promise<string> {
    await forgetChain(this.stage.client, connection, this.name, { force });
    return this.workflowId;
  }
}

function scenario(
  name: string,
  outcome: Scenario['outcome'],
  run: (chain: RecordedChain, stage: Stage) => ReturnType<Scenario['run']>,
): Scenario {
  return { name, outcome, run: (stage) => run(new RecordedChain(stage), stage) };
}

const chainRuns: readonly Scenario[] = [
  scenario('sqlflowPersistChain-nights', { kind: 'succeeded' }, async (chain) => {
    for (const sql of [totals, totals, counts]) await chain.refreshed(sql);
    await chain.refreshed(totals, { gate });
    return chain.forget();
  }),
  scenario('sqlflowPersistChain-withdrawn', { kind: 'succeeded' }, async (chain, stage) => {
    const running = await chain.atWork();
    const waiting = await chain.waiting();
    for (const { workflowId } of [waiting, running]) {
      await stage.cancel(workflowId);
      await awaitOutcome(stage.client, workflowId);
    }
    return chain.forget();
  }),
  scenario('sqlflowPersistChain-paused', { kind: 'succeeded' }, async (chain, stage) => {
    await chain.refreshed(totals);
    await pauseChain(stage.client, connection, chain.name, { note: 'the warehouse moves' });
    await chain.refreshed(counts);
    return chain.forget();
  }),
  scenario('sqlflowPersistChain-adopting', { kind: 'succeeded' }, async (chain, stage) => {
    const files = await stage.file(totals);
    const made = await stage.start('sqlflowPersistJob', {
      jobName: 'by hand',
      dbVendor: 'dbvhive',
      files,
    });
    const ended = await awaitOutcome<{ readonly jobId: string }>(stage.client, made);
    const jobId = ended.kind === 'succeeded' ? ended.result.jobId : 'none';
    const wish = { connection, chain: chain.name, settings: { dbVendor: 'dbvhive' } };
    const taskQueue = 'histories';
    await adoptJob(stage.client, { ...wish, jobId }, { taskQueue });
    await adoptJob(stage.client, { ...wish, jobId: 'other' }, { taskQueue }).catch(() => undefined);
    await chain.refreshed(totals);
    return chain.forget();
  }),
  scenario('sqlflowPersistChain-adopting-in-vain', { kind: 'succeeded' }, async (chain, stage) => {
    const settings = { dbVendor: 'dbvhive' };
    const wish = { connection, chain: chain.name, jobId: 'no-such-job', settings };
    await adoptJob(stage.client, wish, { taskQueue: 'histories' }).catch(() => undefined);
    return chain.workflowId;
  }),
  scenario('sqlflowPersistChain-forgotten-by-force', { kind: 'succeeded' }, async (chain) => {
    await chain.atWork();
    await chain.waiting();
    return chain.forget(true);
  }),
  scenario('sqlflowPersistChain-cancelled', { kind: 'cancelled' }, async (chain, stage) => {
    await chain.atWork();
    await chain.waiting();
    await stage.cancel(chain.workflowId);
    return chain.workflowId;
  }),
  scenario('sqlflowPersistChain-handing-over', { kind: 'succeeded' }, async (chain, stage) =>
    (await handedOver(chain, stage)).first,
  ),
  scenario('sqlflowPersistChain-taking-over', { kind: 'succeeded' }, async (chain, stage) => {
    await handedOver(chain, stage);
    return chain.workflowId;
  }),
];

/** A run that hands over with requests waiting, and the one that goes on with them. */
async function handedOver(chain: RecordedChain, stage: Stage) {
  await chain.atWork(`-- local: delay 15s\n${totals}`);
  const handle = stage.client.workflow.getHandle(chain.workflowId);
  const { runId } = await handle.describe();
  const waiting = [await chain.waiting(), await chain.ask(totals)];
  // Each is a word to the chain, and so makes its history longer.
  for (let i = 0; (await handle.describe()).historyLength < 300; i++) {
    await handle.signal(chainMessages.withdraw, `unknown-${i}`);
  }
  for (const { workflowId } of waiting) await awaitOutcome(stage.client, workflowId);
  await chain.forget();
  const { status } = await stage.client.workflow.getHandle(chain.workflowId, runId).describe();
  if (status.name !== 'CONTINUED_AS_NEW') throw new Error(`the first run is ${status.name}`);
  return { first: { workflowId: chain.workflowId, runId } };
}

const requestRuns: readonly Scenario[] = [
  scenario(
    'sqlflowRefreshRequest-refreshed',
    { kind: 'succeeded', result: { end: 'refreshed' } },
    async (chain) => (await chain.ask(totals)).workflowId,
  ),
  scenario(
    'sqlflowRefreshRequest-failed',
    { kind: 'failed', type: 'RemoteJob.Failed' },
    async (chain) => (await chain.ask('selec from where (')).workflowId,
  ),
  scenario('sqlflowRefreshRequest-invalid', { kind: 'invalid' }, (_chain, stage) =>
    stage.startUnchecked('sqlflowRefreshRequest', { chain: '', connection, dbVendor: '' }),
  ),
  scenario('sqlflowRefreshRequest-cancelled', { kind: 'cancelled' }, async (chain, stage) => {
    const { workflowId } = await chain.atWork();
    await stage.cancel(workflowId);
    return workflowId;
  }),
  scenario(
    'sqlflowRefreshRequest-cancelled-below',
    { kind: 'failed', type: 'Chain.RefreshCancelled' },
    async (chain, stage) => {
      const { workflowId, refreshId } = await chain.atWork();
      await stage.cancel(refreshId);
      return workflowId;
    },
  ),
];

const refreshed = { kind: 'succeeded', result: { end: 'refreshed' } };

const refreshRuns: readonly Scenario[] = [
  scenario('sqlflowRefresh-first', refreshed, (chain) => chain.refreshed(totals)),
  scenario('sqlflowRefresh-changed', refreshed, async (chain) => {
    await chain.refreshed(totals);
    return chain.refreshed(counts);
  }),
  scenario(
    'sqlflowRefresh-unchanged',
    { kind: 'succeeded', result: { end: 'unchanged' } },
    async (chain) => {
      await chain.refreshed(totals);
      return chain.refreshed(totals);
    },
  ),
  scenario('sqlflowRefresh-rebuilt', refreshed, async (chain) => {
    await chain.refreshed(totals);
    return chain.refreshed(totals, { rebuild: true });
  }),
  scenario('sqlflowRefresh-failed', { kind: 'failed', type: 'RemoteJob.Failed' }, (chain) =>
    chain.refreshed('selec from where ('),
  ),
  scenario('sqlflowRefresh-after-a-lost-reply', refreshed, (chain, stage) => {
    stage.local.sqlflow.service.setFaults({
      faults: [{ endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'drop' }],
    });
    return chain.refreshed(totals);
  }),
  scenario('sqlflowRefresh-made-anew', refreshed, async (chain, stage) => {
    await chain.refreshed(totals);
    stage.local.sqlflow.service.setFaults({
      faults: [{ endpoint: 'submitPersistJob', calls: [1], do: 'otherDeletes' }],
    });
    return chain.refreshed(counts);
  }),
  scenario('sqlflowRefresh-cancelled', { kind: 'cancelled' }, async (chain, stage) => {
    const { refreshId } = await chain.atWork();
    await stage.cancel(refreshId);
    return refreshId;
  }),
  scenario('sqlflowRefresh-deadline', { kind: 'deadline' }, (chain) =>
    chain.refreshed(slow, { timeoutMs: 5000 }),
  ),
  scenario(
    'sqlflowRefresh-gate-closed',
    { kind: 'failed', type: 'Chain.GateClosed' },
    async (chain) => {
      await chain.refreshed(totals);
      return chain.refreshed('select 1', { gate, rebuild: true });
    },
  ),
  ...(['approved', 'rejected'] as const).map((answer) =>
    scenario(
      `sqlflowRefresh-${answer}`,
      answer === 'approved' ? refreshed : { kind: 'failed', type: 'Chain.ApprovalRefused' },
      async (chain, stage) => {
        await chain.refreshed(totals);
        const onClosed = 'approve' as const;
        const more = { gate: { ...gate, onClosed }, rebuild: true };
        const { refreshId } = await chain.ask('select 1', more);
        const approval = { approved: answer === 'approved', by: 'somebody' };
        await stage.until(() =>
          answerApproval(stage.client, refreshId, approval).then(
            () => true,
            () => false,
          ),
        );
        return refreshId;
      },
    ),
  ),
];

export const chainScenarios: readonly Scenario[] = [...chainRuns, ...requestRuns, ...refreshRuns];
