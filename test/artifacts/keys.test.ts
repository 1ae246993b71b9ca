import { checkKey } from '../../src/artifacts/keys';

it('refuses a key with half a surrogate pair, which a file system would take for another key', () => {
  expect(() => checkKey('jobs/\ud800/log.txt')).toThrow('holds half a character');
  expect(() => checkKey('jobs/\u{1f600}/log.txt')).not.toThrow();
});
