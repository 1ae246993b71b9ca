import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  mostQueuedRequests,
  type ChainRequest,
  type JobHeld,
  type RefreshAnswer,
  type RefreshInput,
} from '../../src/contracts/chain';
import {
  chainMemoKey,
  type AdoptedJob,
  type AdoptRequest,
  type AskAgain,
  type ForgetRequest,
} from '../../src/contracts/chain-asking';
import { failureTypes } from '../../src/contracts/failure-types';
import { describeMistakes, type Mistake } from '../../src/contracts/findings';
import { validateAdoption, validateChainRefresh } from '../../src/contracts/validate-chain';
import { withJobHeld } from './after-refresh';
import { memoOf, wordsOf, type CarriedChain } from './carried';
import { answerTo, notBegun } from './outcomes';

/** Requests that were taken back before they came: they come soon, or never. */
const mostWithdrawn = 50;

type Why = { readonly type?: string; readonly message: string };

/** A wish to adopt a job, until the main loop has seen to it. */
export interface Adoption {
  readonly request: AdoptRequest;
  answer?: AdoptedJob | ApplicationFailure;
}

/** What the chain is after it took a job over, or why it doesn't. */
export type AdoptionOutcome =
  { readonly chain: CarriedChain; readonly answer: AdoptedJob } | ApplicationFailure;

/**
 * Where a chain's messages arrive. They only note down what is wanted; the chain's main loop alone
 * works, so that one thing is done at a time.
 */
export class ChainDesk {
  /** The run is about to continue as new: whoever waits is to ask again. */
  leaving = false;
  /** Why no refresh begins any more, once the chain has an end. */
  ending: Why | undefined;
  /** Why the refresh under way is being cancelled. */
  cancelling: Why | undefined;
  /** The adoption that is wished for, until the main loop has seen to it. */
  adopting: Adoption | undefined;
  private memo = JSON.stringify(workflowInfo().memo?.[chainMemoKey]);
  private scope: CancellationScope | undefined;

  constructor(public chain: CarriedChain) {
    this.show();
  }

  /** Every change of what the chain knows goes through here, so that memo and UI tell the same. */
  update(chain: CarriedChain): void {
    this.chain = chain;
    this.show();
  }

  get hasWork(): boolean {
    return this.adopting !== undefined || this.chain.queue.length > 0;
  }

  /** Refuses before anything is recorded. */
  checkRequest(request: ChainRequest): void {
    const { connection, name } = this.chain;
    const wrong =
      typeof request?.requestId !== 'string' || !/^[\w.:/-]{1,200}$/.test(request.requestId)
        ? 'requestId: give the same id of letters, digits, "-" and "." for the same refresh'
        : describeMistakes(validateChainRefresh(request));
    if (wrong !== '') throw refusal(failureTypes.invalidInput, wrong);
    if (request.connection !== connection || request.chain !== name) {
      throw refusal(failureTypes.invalidInput, `this is the chain ${name} on ${connection}`);
    }
    if (!this.knows(request.requestId)) this.refuseBeyondFull();
  }

  /** Each that waits holds an update, and Temporal lets ten be held: a pause needs one, too. */
  private refuseBeyondFull(): void {
    const { name, queue } = this.chain;
    if (queue.length + (this.adopting === undefined ? 0 : 1) < mostQueuedRequests) return;
    throw refusal(
      failureTypes.chainQueueFull,
      `${queue.length} refreshes of the chain ${name} wait already, and no more are let in; ask again when some are done, or cancel some`,
    );
  }

  async refresh(request: ChainRequest): Promise<RefreshAnswer | AskAgain> {
    this.take(request);
    const { requestId } = request;
    // Whatever becomes of the chain, who asks gets an answer.
    return await CancellationScope.nonCancellable(async () => {
      await condition(() => this.leaving || answerTo(this.chain, requestId) !== undefined);
      return answerTo(this.chain, requestId) ?? { pending: true };
    });
  }

  withdraw(requestId: string): void {
    const why = { message: 'the refresh was cancelled by whoever had asked for it' };
    const { queue, running, withdrawn } = this.chain;
    const waiting = queue.find((request) => request.requestId === requestId);
    if (running?.requestId === requestId) this.cancelRunning(why);
    else if (waiting !== undefined) this.update(notBegun(this.chain, waiting, 'cancelled', why));
    else if (answerTo(this.chain, requestId) === undefined) {
      this.update({
        ...this.chain,
        withdrawn: [requestId, ...withdrawn.filter((id) => id !== requestId)].slice(
          0,
          mostWithdrawn,
        ),
      });
    }
  }

  held(held: JobHeld): void {
    this.update(withJobHeld(this.chain, held));
  }

  pause(note: string | undefined): void {
    this.update({ ...this.chain, paused: { note, atMs: Date.now() } });
    this.settleQueue('skipped', this.whyPaused());
  }

  resume(): void {
    this.update({ ...this.chain, paused: undefined });
  }

  checkAdoption(request: AdoptRequest): void {
    const { connection, name } = this.chain;
    refuseMistakes(validateAdoption(connection, name, request));
    // Nothing would see to it any more, and it would keep the chain from closing.
    if (this.ending !== undefined) throw refusal(failureTypes.chainEnded, this.ending.message);
    const refused = hasAnotherJob(this.chain, request.jobId);
    if (refused !== undefined) throw refused;
    if (this.adopting !== undefined) {
      throw refusal(
        failureTypes.chainRefused,
        `an adoption of job ${this.adopting.request.jobId} waits for the refresh under way already; ask again when it is done`,
      );
    }
    this.refuseBeyondFull();
  }

  async adopt(request: AdoptRequest): Promise<AdoptedJob | AskAgain> {
    const adoption: Adoption = { request };
    this.adopting = adoption;
    return await CancellationScope.nonCancellable(async () => {
      await condition(() => this.leaving || adoption.answer !== undefined);
      const { answer } = adoption;
      if (answer instanceof ApplicationFailure) throw answer;
      return answer ?? { pending: true };
    });
  }

  adopted(adoption: Adoption, came: AdoptionOutcome): void {
    if (!(came instanceof ApplicationFailure)) this.update(came.chain);
    adoption.answer ??= came instanceof ApplicationFailure ? came : came.answer;
    this.adopting = undefined;
  }

  checkForget({ force = false }: ForgetRequest = {}): void {
    const { name, running, queue } = this.chain;
    if (force || (running === undefined && queue.length === 0)) return;
    throw refusal(
      failureTypes.chainRefused,
      `the chain ${name} has ${running ? 'a refresh under way' : 'none under way'} and ${queue.length} waiting; wait for them, cancel them, or forget it with force`,
    );
  }

  async forget(): Promise<void> {
    this.end('the chain was forgotten');
    await CancellationScope.nonCancellable(() => condition(() => this.chain.running === undefined));
  }

  /** Nothing begins any more; what runs is cancelled, and what waits is answered. */
  end(message: string): void {
    this.ending ??= { type: failureTypes.chainEnded, message };
    this.settleQueue('cancelled', this.ending);
    if (this.adopting !== undefined) {
      this.adopting.answer ??= refusal(failureTypes.chainEnded, message);
    }
    if (this.chain.running !== undefined) this.cancelRunning(this.ending);
  }

  /** The next refresh in the queue, under way from here on. */
  begin(): RefreshInput | undefined {
    const { chain } = this;
    const [request, ...queue] = chain.queue;
    if (request === undefined) return undefined;
    const { current, latest, unsettled, replacedJobs } = chain;
    const running = { requestId: request.requestId, sinceMs: Date.now() };
    this.cancelling = undefined;
    this.update({ ...chain, queue, running });
    return {
      request,
      current,
      nextKey: uuid4(),
      mayBeSubmitted: current !== undefined && current.jobId === undefined,
      latest,
      unsettled,
      revision: chain.revision + 1,
      replacedJobs,
    };
  }

  /** Runs the refresh where it alone can be cancelled. */
  async cancellable<Value>(run: () => Promise<Value>): Promise<Value> {
    this.scope = new CancellationScope();
    return await this.scope.run(run);
  }

  private take(request: ChainRequest): void {
    const { requestId } = request;
    if (this.knows(requestId)) return;
    if (this.chain.withdrawn.includes(requestId)) {
      const withdrawn = this.chain.withdrawn.filter((id) => id !== requestId);
      const why = { message: 'the refresh was cancelled before the chain had heard of it' };
      this.update(notBegun({ ...this.chain, withdrawn }, request, 'cancelled', why));
    } else if (this.ending !== undefined) {
      this.update(notBegun(this.chain, request, 'cancelled', this.ending));
    } else if (this.chain.paused !== undefined) {
      this.update(notBegun(this.chain, request, 'skipped', this.whyPaused()));
    } else {
      this.update({ ...this.chain, queue: [...this.chain.queue, request] });
    }
  }

  private knows(requestId: string): boolean {
    const { queue, running } = this.chain;
    return (
      answerTo(this.chain, requestId) !== undefined ||
      running?.requestId === requestId ||
      queue.some((request) => request.requestId === requestId)
    );
  }

  private settleQueue(end: 'skipped' | 'cancelled', why: Why): void {
    for (const request of this.chain.queue) this.update(notBegun(this.chain, request, end, why));
  }

  private cancelRunning(why: Why): void {
    this.cancelling ??= why;
    this.scope?.cancel();
  }

  private whyPaused(): Why {
    const note = this.chain.paused?.note;
    return { message: `the chain is paused${note === undefined ? '' : `: ${note}`}` };
  }

  private show(): void {
    setCurrentDetails(wordsOf(this.chain));
    const memo = memoOf(this.chain);
    const text = JSON.stringify(memo);
    if (text === this.memo) return;
    this.memo = text;
    upsertMemo({ [chainMemoKey]: memo });
  }
}

/** A chain has one job, and gives it up for no other. */
export function hasAnotherJob(
  { name, current }: CarriedChain,
  jobId: string,
): ApplicationFailure | undefined {
  const isOwn = current?.jobId === jobId && current.adopted === true;
  if (current?.jobId === undefined || isOwn) return undefined;
  return refusal(
    failureTypes.chainRefused,
    `the chain ${name} has SQLFlow job ${current.jobId} already; use another name, or forget the chain first`,
  );
}

export function refuseMistakes(mistakes: readonly Mistake[]): void {
  if (mistakes.length > 0) throw refusal(failureTypes.invalidInput, describeMistakes(mistakes));
}

export function refusal(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message.slice(0, 1000), type);
}
