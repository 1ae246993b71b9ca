import { transformFile } from '@swc/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuardedProcess } from '../../../src/local/temporal/guarded-process';

const sayPid = 'console.log(process.pid); setInterval(() => undefined, 1000);';
const start = (source: string, stopTimeoutMs = 5_000) =>
  new GuardedProcess(process.execPath, ['-e', source], process.env, stopTimeoutMs);

const pidOf = async (guarded: GuardedProcess): Promise<number> => {
  while (!/^\d+/.test(guarded.lastOutput)) await sleep(10);
  return parseInt(guarded.lastOutput, 10);
};
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('stop ends the program', async () => {
  const guarded = start(sayPid);
  const pid = await pidOf(guarded);
  expect(lives(pid)).toBe(true);
  await guarded.stop();
  expect(lives(pid)).toBe(false);
  await guarded.stop();
});

test('stop ends a program that does not heed SIGTERM', async () => {
  const guarded = start(`process.on('SIGTERM', () => undefined); ${sayPid}`, 200);
  const pid = await pidOf(guarded);
  await guarded.stop();
  expect(lives(pid)).toBe(false);
});

test('tells the exit code and the last words of a program that ends by itself', async () => {
  const guarded = start(`console.error('no room left'); process.exitCode = 3;`);
  expect(await guarded.ended).toBe(3);
  expect(guarded.lastOutput).toBe('no room left');
  await guarded.stop();
  const missing = new GuardedProcess('/no/such/program', [], process.env, 0);
  expect(await missing.ended).toBe(127);
  expect(missing.lastOutput).toMatch('ENOENT');
});

test('the program ends when the process that started it is killed by SIGKILL', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'guarded-'));
  try {
    const source = path.join(__dirname, '../../../src/local/temporal/guarded-process.ts');
    const { code } = await transformFile(source, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    await writeFile(path.join(folder, 'guarded-process.js'), code);
    await writeFile(
      path.join(folder, 'parent.js'),
      `const { GuardedProcess } = require('./guarded-process.js');
       const guarded = new GuardedProcess(process.execPath, ['-e', ${JSON.stringify(sayPid)}], process.env, 5000);
       const timer = setInterval(() => {
         if (guarded.lastOutput) { console.log(guarded.lastOutput); clearInterval(timer); }
       }, 10);`,
    );
    const parent = spawn(process.execPath, [path.join(folder, 'parent.js')]);
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = parseInt(said.toString(), 10);
    expect(lives(pid)).toBe(true);
    parent.kill('SIGKILL');
    while (lives(pid)) await sleep(20);
  } finally {
    await rm(folder, { recursive: true });
  }
});
