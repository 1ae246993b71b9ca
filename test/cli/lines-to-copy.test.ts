import { linesToCopy } from '../../src/cli/lines-to-copy';

test('a line to copy repeats the flags that say which Temporal and which configuration', () => {
  const flags = { address: '127.0.0.1:7', config: 'my file.yaml', taskQueue: 'q' };
  const same = "--config 'my file.yaml' --address 127.0.0.1:7";
  expect(linesToCopy('Follow it with: remote-jobs watch a/b', flags)).toBe(
    `Follow it with: remote-jobs ${same} watch a/b`,
  );
  expect(linesToCopy('`remote-jobs orphans --kill`', flags)).toBe(
    `\`remote-jobs ${same} --task-queue q orphans --kill\``,
  );
  // These take what they are given, or touch no Temporal but their own.
  for (const line of ['run `remote-jobs dev`', 'remote-jobs-artifacts', 'remote-jobs worker']) {
    expect(linesToCopy(line, flags)).toBe(line);
  }
  expect(linesToCopy('remote-jobs show a', {})).toBe('remote-jobs show a');
});
