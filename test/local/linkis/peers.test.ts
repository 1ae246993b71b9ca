import { transformFileSync } from '@swc/core';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

test.each(['loadDuckDb', 'loadPolyglot'])('%s without the package says what to install', (load) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'no-peers-'));
  try {
    const source = path.join(__dirname, '../../../src/local/linkis/engine/peers.ts');
    const { code } = transformFileSync(source, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    writeFileSync(path.join(folder, 'peers.js'), code);
    const { stderr } = spawnSync(
      process.execPath,
      ['-e', `Promise.resolve().then(() => require('./peers.js').${load}())`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(stderr).toContain('npm install @duckdb/node-api @polyglot-sql/sdk');
    expect(stderr).toContain('MissingPeerError');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
