import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { newQueue, useTemporal } from './harness';

const harness = useTemporal();
const children: ChildProcess[] = [];

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

function startProcess(taskQueue: string, ...flags: string[]) {
  const register = path.join(__dirname, '../support/register.js');
  const script = path.join(__dirname, 'fixtures/worker-process.ts');
  const { address } = harness;
  const child = spawn(process.execPath, ['-r', register, script, address, taskQueue, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const words: string[] = [];
  const said = createInterface(child.stdout);
  said.on('line', (word) => words.push(word));
  return {
    child,
    words,
    exited: once(child, 'close').then(([code]) => code as number | null),
    async says(word: string): Promise<void> {
      while (!words.includes(word)) await once(said, 'line');
    },
  };
}

it('hands its jobs over and ends with code 0 on SIGTERM', async () => {
  const taskQueue = newQueue();
  const worker = startProcess(taskQueue);
  await worker.says('polling');
  const handle = await harness.start(taskQueue);
  await worker.says('waiting');
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.words).toEqual(['polling', 'waiting', 'WORKER_SHUTDOWN', 'closed 1']);
  await handle.terminate();
});

it('ends with code 0 on a SIGTERM that comes before the companion exists', async () => {
  const worker = startProcess(newQueue(), '--sigterm-at-once');
  expect(await worker.exited).toBe(0);
  expect(worker.words).toEqual(['closed 1']);
});
