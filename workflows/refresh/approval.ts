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
} from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';

export const approvalUpdate = defineUpdate<void, [Approval]>(approvalMessages.answer);
export const approvalQuery = defineQuery<ApprovalState | undefined>(approvalMessages.state);

/** Where a workflow asks a person, one thing at a time. */
export class ApprovalDesk {
  private asked: ApprovalState | undefined;
  private answer: Approval | undefined;

  constructor() {
    setHandler(approvalQuery, () => (this.answer === undefined ? this.asked : undefined));
    setHandler(approvalUpdate, (answer) => void (this.answer = answer), {
      validator: (answer: Approval) => this.validate(answer),
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
    const { title, reasons, sinceMs, untilMs } = asked;
    setCurrentDetails([`Waits for an approval of ${title}`, ...reasons].join('\n\n'));
    upsertMemo({ [approvalMemoKey]: { title, sinceMs, untilMs } satisfies ApprovalMemo });
    try {
      await condition(() => this.answer !== undefined, Math.max(1, untilMs - Date.now()));
    } finally {
      this.asked = undefined;
      upsertMemo({ [approvalMemoKey]: undefined });
    }
    const { answer } = this;
    if (answer === undefined) throw timedOut(asked);
    if (!answer.approved) throw refused(asked, answer);
    return answer.by;
  }

  private validate({ approved, by }: Approval): void {
    if (this.answer !== undefined) throw new Error(`${this.answer.by} has answered already`);
    if (this.asked === undefined) throw new Error('nothing waits for an approval here');
    const isWhole = typeof approved === 'boolean' && typeof by === 'string' && by.trim() !== '';
    if (!isWhole) throw new Error('an answer needs "approved", true or false, and "by", a name');
    if (by.length > 200) throw new Error('"by" has more than 200 characters');
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
