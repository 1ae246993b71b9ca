import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import {
  approvalMemoKey,
  approvalMessages,
  type Approval,
  type ApprovalMemo,
  type ApprovalState,
} from '../../src/contracts/approval';
import { failureTypes } from '../../src/contracts/failure-types';

const approvalUpdate = defineUpdate<void, [Approval]>(approvalMessages.answer);
const approvalQuery = defineQuery<ApprovalState | undefined>(approvalMessages.state);

/** It stays in the history; what is said of a refusal shows the beginning. */
const longestNote = 1000;

/** Where a workflow asks a person, one thing at a time. */
export class ApprovalDesk {
  private asked: ApprovalState | undefined;
  private answer: Approval | undefined;

  constructor() {
    setHandler(approvalQuery, () => (this.answer === undefined ? this.asked : undefined));
    setHandler(approvalUpdate, (answer) => void (this.answer = answer), {
      validator: (answer?: Approval) => this.validate(answer),
    });
  }

  /**
   * Asks, and waits for the answer.
   *
   * @returns who approved
   * @throws `Chain.ApprovalRefused` naming who refused · `Chain.ApprovalTimedOut`
   */
  async approvedBy(asked: ApprovalState): Promise<string> {
    this.asked = asked;
    this.answer = undefined;
    const { title, reasons, sinceMs, untilMs } = asked;
    setCurrentDetails([`Waits for an approval of ${title}`, ...reasons].join('\n\n'));
    upsertMemo({ [approvalMemoKey]: { title, sinceMs, untilMs } satisfies ApprovalMemo });
    try {
      await condition(() => this.answer !== undefined, Math.max(1, untilMs - Date.now()));
    } finally {
      this.asked = undefined;
      upsertMemo({ [approvalMemoKey]: undefined });
    }
    // The update's handler has set it meanwhile.
    const answer = this.answer as Approval | undefined;
    if (answer === undefined) throw timedOut(asked);
    if (!answer.approved) throw refused(asked, answer);
    return answer.by;
  }

  private validate({ approved, by, note = '' }: Partial<Approval> = {}): void {
    if (this.answer !== undefined) throw new Error(`${this.answer.by} has answered already`);
    if (this.asked === undefined) throw new Error('nothing waits for an approval here');
    const isWhole = typeof approved === 'boolean' && typeof by === 'string' && by.trim() !== '';
    if (!isWhole) throw new Error('an answer needs "approved", true or false, and "by", a name');
    if (by.length > 200) throw new Error('"by" has more than 200 characters');
    if (typeof note !== 'string' || note.length > longestNote) {
      throw new Error(`"note" must be a text of at most ${longestNote} characters`);
    }
  }
}

function refused({ title, reasons }: ApprovalState, { by, note }: Approval): ApplicationFailure {
  const said = note === undefined || note === '' ? '' : `: ${note}`;
  return ended(
    failureTypes.approvalRefused,
    `${by} refused ${title}${said.slice(0, 300)} (${reasons.join('; ')})`,
  );
}

function timedOut({ title, reasons, sinceMs, untilMs }: ApprovalState): ApplicationFailure {
  const minutes = Math.max(1, Math.round((untilMs - sinceMs) / 60_000));
  return ended(
    failureTypes.approvalTimedOut,
    `nobody answered for ${title} within ${minutes} minutes (${reasons.join('; ')})`,
  );
}

function ended(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message: message.slice(0, 1000), nonRetryable: true });
}
