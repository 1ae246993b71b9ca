import type { EndedJob } from '../../src/contracts/job';
import { wantsResubmit, type ResubmitReason } from '../../src/contracts/resubmit';

const failed: EndedJob = { outcome: 'failed', status: 'Failed', endedAtMs: 0, errorCode: '13005' };

function wants(when: ResubmitReason[] | undefined, ended: Partial<EndedJob>, submissions = 1) {
  return wantsResubmit({ maxAttempts: 3, when }, { ...failed, ...ended }, submissions);
}

test('without a policy nothing is submitted again', () => {
  expect(wantsResubmit(undefined, { ...failed, canRetry: true }, 1)).toBe(false);
});

test('by default only what the service itself calls worth a retry is submitted again', () => {
  expect(wants(undefined, { canRetry: true })).toBe(true);
  expect(wants(undefined, { canRetry: false })).toBe(false);
  expect(wants(undefined, {})).toBe(false);
});

test('an error code is matched whole, with a star for any characters and nothing else special', () => {
  expect(wants(['code:13005'], {})).toBe(true);
  expect(wants(['code:130*'], {})).toBe(true);
  expect(wants(['code:*5'], {})).toBe(true);
  expect(wants(['code:1300'], {})).toBe(false);
  expect(wants(['code:1.005'], {})).toBe(false);
  expect(wants(['code:13005'], { errorCode: undefined })).toBe(false);
});

test('a cancelled task is never submitted again, and a timed-out one only where it is named', () => {
  expect(wants(['failed', 'canRetry', 'code:*'], { outcome: 'cancelled' })).toBe(false);
  expect(wants(['failed'], { outcome: 'timedOut' })).toBe(false);
  expect(wants(['timedOut'], { outcome: 'timedOut' })).toBe(true);
});

test('the submissions are bounded by the policy, and by ten whatever it says', () => {
  expect(wants(['failed'], {}, 2)).toBe(true);
  expect(wants(['failed'], {}, 3)).toBe(false);
  expect(wantsResubmit({ maxAttempts: 99, when: ['failed'] }, failed, 10)).toBe(false);
});
