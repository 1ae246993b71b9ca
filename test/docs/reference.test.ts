import { spawnSync } from 'node:child_process';
import { repository } from './pages';

test('the reference says what the code says; npm run docs:reference writes it anew', () => {
  // A process of its own: Prettier can't be loaded within Jest.
  const args = ['-r', './test/support/register.js', 'scripts/docs/reference.ts', '--check'];
  const { stderr, status } = spawnSync(process.execPath, args, {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
