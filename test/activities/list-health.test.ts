import { ListHealth } from '../../activities/list-health';
import { AbandonedLook } from '../../src/watch/look';

test('looks that nobody waits for any more say nothing of the list, those that time out do', () => {
  const health = new ListHealth();
  for (let look = 0; look < 10; look++) health.failed(new AbandonedLook());
  expect(health.isAway).toBe(false);
  for (let look = 0; look < 3; look++) health.failed(new Error('no answer within 60 s'));
  expect(health.isAway).toBe(true);
});
