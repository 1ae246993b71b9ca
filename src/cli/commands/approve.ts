import { Option } from 'commander';
import type { ApprovalState } from '../../contracts/approval';
import { pipelineStepId } from '../../contracts/pipeline-run';
import { shellWord } from '../../contracts/words';
import {
  answerApproval,
  approvalState,
  findApproval,
  pendingApprovals,
  type PendingApproval,
} from '../../starter/approvals';
import { askKey } from '../ask-key';
import { command } from '../command';
import { diffHead } from '../diff-head';
import { formatDuration } from '../durations';
import { usageError } from '../errors';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Session } from '../session';
import { renderTable } from '../tables';
import { printableLine } from '../text-width';

interface ApproveOptions {
  readonly reject?: boolean;
  readonly yes?: boolean;
  readonly by?: string;
  readonly note?: string;
  readonly connection?: string;
}

export const approve = command<ApproveOptions, [string?, string?]>({
  name: 'approve',
  summary: 'answer a gate or a step that waits',
  description: `Shows why the gate of a chain's refresh closed, or what a pipeline's step asks, and answers it:
the refresh or the pipeline goes on, or the refresh or the step fails.
On a terminal it asks first; elsewhere it takes --yes or --reject. Without an ID it shows what waits,
and lets you choose on a terminal.`,
  arguments: [
    {
      usage: '[ID]',
      description: "the id that `list` shows, the refresh's own, or the chain's name",
    },
    { usage: '[STEP]', description: "of a pipeline's run: the step" },
  ],
  options: [
    new Option(
      '--reject',
      'refuse: the refresh fails and the latest revision stays; the step fails',
    ),
    new Option('--yes', 'approve without being asked').conflicts('reject'),
    new Option('--by <NAME>', 'who answers, for the record (default: the user here)'),
    new Option('--note <TEXT>', 'why'),
    new Option('--connection <NAME>', "the chain's, where chains of one name are on several"),
  ],
  output: ['approvals', 'approval'],
  examples: [
    'remote-jobs approve',
    'remote-jobs approve nightly',
    'remote-jobs approve nightly --yes --by alice',
    'remote-jobs approve pipeline/nightly/1f0c2d3e release --yes',
    'remote-jobs approve nightly --reject --note "the orders are gone"',
  ],
  run: async (session, options, id, step) => {
    const client = await session.client();
    if (id !== undefined) {
      return answer(
        session,
        await findApproval(client, idOf(id, step), options.connection),
        options,
      );
    }
    if (options.reject === true || options.yes === true) {
      throw usageError('Name what is answered: `remote-jobs approve` shows what waits.');
    }
    const waiting = (await pendingApprovals(client)).filter(
      ({ connection }) => options.connection === undefined || connection === options.connection,
    );
    session.output.json({ approvals: waiting });
    if (waiting.length === 0) session.output.say('Nothing waits for an approval.');
    else list(session, waiting);
    const chosen = await choose(session, waiting);
    return chosen === undefined ? exitCodes.done : answer(session, chosen, options);
  },
});

function idOf(id: string, step: string | undefined): string {
  return step === undefined ? id : pipelineStepId(id, step);
}

function list({ output }: Session, waiting: readonly PendingApproval[]): void {
  output.print(
    renderTable({
      columns: ['', 'of', 'what waits', 'since', 'time left'],
      rows: waiting.map((one, index) => [
        String(index + 1),
        nameOf(one),
        one.title,
        formatDuration(Date.now() - one.sinceMs),
        formatDuration(one.untilMs - Date.now()),
      ]),
      heading: output.colors.dim,
    }),
  );
  const [first] = waiting;
  if (first === undefined) return;
  const { chain, connection } = first;
  const isShared = waiting.some((one) => one.chain === chain && one.connection !== connection);
  const more = isShared ? ` --connection ${connection}` : '';
  output.say(`Answer one with: remote-jobs approve ${nameOf(first)}${more}`);
}

/** As `approve` takes it: the chain's name, or the run's id and the step. */
function nameOf({ chain, pipeline, workflowId }: PendingApproval): string {
  if (pipeline === undefined) return chain ?? shellWord(workflowId);
  return `${shellWord(pipeline.pipelineId)} ${shellWord(pipeline.step)}`;
}

/** By one key, so the first nine. */
async function choose(
  session: Session,
  waiting: readonly PendingApproval[],
): Promise<PendingApproval | undefined> {
  if (waiting.length === 0 || !asks(session)) return undefined;
  const keys = waiting.slice(0, 9).map((_, index) => String(index + 1));
  const last = keys.length === 1 ? '' : `-${keys.length}`;
  const key = await askFor(session, keys, `[1${last}] to look at one, any other key: leave `);
  return waiting[keys.indexOf(key)];
}

async function answer(
  session: Session,
  pending: PendingApproval,
  options: ApproveOptions,
): Promise<ExitCode> {
  const { output, context } = session;
  const by = options.by ?? context.env.USER ?? context.env.LOGNAME ?? '';
  if (by.trim() === '') throw usageError('Who answers is not known here: name yourself with --by.');
  const client = await session.client();
  const { workflowId } = pending;
  const state = await approvalState(client, workflowId);
  await show(session, state);
  const approved = await decision(session, options);
  if (approved === undefined) {
    output.say(
      `Left as it is; it waits for another ${formatDuration(state.untilMs - Date.now())}.`,
    );
    return exitCodes.done;
  }
  await answerApproval(client, workflowId, { approved, by, note: options.note });
  output.json({ ...pending, approved, by, note: options.note });
  const end = endWords(pending, approved);
  output.print(`${approved ? 'Approved' : 'Refused'} by ${printableLine(by)}; ${end}`);
  const followed = pending.pipeline?.pipelineId ?? workflowId;
  if (approved || pending.pipeline !== undefined) {
    output.say(`Follow it with: remote-jobs watch ${shellWord(followed)}`);
  }
  return exitCodes.done;
}

function endWords({ pipeline }: PendingApproval, approved: boolean): string {
  if (pipeline !== undefined) return approved ? 'the pipeline goes on' : 'the step fails';
  return approved ? 'the refresh goes on' : 'the refresh fails, and the latest revision stays';
}

async function show(session: Session, state: ApprovalState): Promise<void> {
  const { output } = session;
  output.say(output.talkColors.bold(printableLine(state.title)));
  for (const reason of state.reasons) output.say(`  ${printableLine(reason)}`);
  if (state.diff === undefined) return;
  const { artifacts } = await session.settings();
  for (const line of await diffHead(artifacts, state.diff)) output.say(`  ${line}`);
}

/**
 * Undefined where somebody was asked and did not decide.
 *
 * @throws CommandError where nobody can be asked: a call without an answer may only want to look
 */
async function decision(session: Session, options: ApproveOptions): Promise<boolean | undefined> {
  if (options.reject === true) return false;
  if (options.yes === true) return true;
  if (!asks(session)) {
    throw usageError('Nobody can be asked here, and nothing was answered: give --yes or --reject.');
  }
  const key = await askFor(session, ['a', 'r'], '[a]pprove, [r]efuse, any other key: leave it ');
  return key === 'a' ? true : key === 'r' ? false : undefined;
}

/** Only a person at a terminal is asked. */
function asks({ context, output }: Session): boolean {
  return context.stdin.isTTY === true && output.interactive && output.mode === 'text';
}

async function askFor(
  { context, output }: Session,
  keys: readonly string[],
  question: string,
): Promise<string> {
  output.status(question);
  try {
    return await askKey(context, keys, new AbortController().signal);
  } finally {
    output.status();
  }
}
