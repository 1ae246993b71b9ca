import { ServiceError } from '@temporalio/client';
import { sendUpdate } from '../../src/starter/send-update';

/** As the client has it from the server. */
function refusal(code: number): ServiceError {
  const cause = Object.assign(new Error('from the server'), { code, details: '', metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
}

test('an update that the server dropped with its workflow task is sent again', async () => {
  const outcomes = [refusal(9), refusal(9), 'taken'];
  const answer = await sendUpdate(async () => {
    const outcome = outcomes.shift();
    if (outcome instanceof ServiceError) throw outcome;
    return outcome;
  });
  expect(answer).toBe('taken');
});

test.each([4, 5, 14])('an update that failed by code %d of gRPC is sent once', async (code) => {
  let sent = 0;
  const sending = sendUpdate(async () => {
    sent += 1;
    throw refusal(code);
  });
  await expect(sending).rejects.toThrow('Workflow Update failed');
  expect(sent).toBe(1);
});
