import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { installationOf } from '../../src/config/installation';
import { folderWith, problemsOf } from './support';

describe('installationOf', () => {
  it('draws a name once and keeps it in the artifact folder', () => {
    const folder = path.join(folderWith(), 'not', 'yet');
    const name = installationOf(folder);
    expect(name).toMatch(/^[a-z0-9-]{1,32}$/);
    expect(installationOf(folder)).toBe(name);
    expect(readdirSync(folder)).toEqual(['.installation']);
    expect(installationOf(folderWith())).not.toBe(name);
  });

  it('is the same for workers that start at the same time', async () => {
    const folder = folderWith();
    const script = `require('@swc/core'); const { readFileSync } = require('node:fs');
      const Module = require('node:module');
      require.extensions['.ts'] = (module, file) => module._compile(require('@swc/core').transformSync(readFileSync(file, 'utf8'), { filename: file, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }).code, file);
      process.stdout.write(require('./src/config/installation.ts').installationOf(process.argv[1]));`;
    const cwd = path.join(__dirname, '../..');
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        promisify(execFile)(process.execPath, ['-e', script, folder], { cwd }),
      ),
    );
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(runs[0]?.stdout).toBe(installationOf(folder));
  });

  it('says what to do where it cannot be kept', async () => {
    const file = path.join(folderWith({ file: 'x' }), 'file');
    expect(await problemsOf(() => installationOf(file))).toEqual([
      expect.stringContaining('set "installation"'),
    ]);
    const folder = folderWith();
    writeFileSync(path.join(folder, '.installation'), 'Not A Name');
    expect(await problemsOf(() => installationOf(folder))).toEqual([
      expect.stringContaining('it holds something else'),
    ]);
  });
});
