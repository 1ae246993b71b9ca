import { loadConfig } from '../../src/config/load';
import { folderWith, problemsOf } from './support';

const load = (text: string) =>
  loadConfig({ env: {}, cwd: folderWith({ 'remote-jobs.yaml': text }) });

test('where probes are answered is a host and a port, and the log has known formats and levels', async () => {
  expect(load('health: { address: "[::1]:8090" }').health).toEqual({ address: '[::1]:8090' });
  expect(load('log: { level: debug }').log).toEqual({ level: 'debug' });
  expect(load('').health).toBeUndefined();
  const wrong = 'log: { format: xml, level: all }\nhealth: { address: "8090" }';
  expect(await problemsOf(() => load(wrong))).toEqual([
    'remote-jobs.yaml:1:16: log.format must be one of text, json, not "xml"',
    'remote-jobs.yaml:1:28: log.level must be one of trace, debug, info, warn, error, not "all"',
    'remote-jobs.yaml:2:20: health.address is "8090": give host and port, such as 127.0.0.1:8090',
  ]);
});

test('a notification target says what is wrong with it, and never shows its address', async () => {
  const mistakes = `notify:
  no url: { on: [failed] }
  a: { url: hooks.example.com/s3cret }
  b: { url: { env: HOOK }, on: [failure] }
  c: { url: { env: HOOK, file: x }, on: [] }
  d: { url: 'https://hooks.example.com/x', body: { text: '{{words}}' } }
  e: { url: 'https://hooks.example.com/x', headers: { authorization: s3cret } }
  f: { url: 'https://bot:s3cret@hooks.example.com/x' }
`;
  const message = (await problemsOf(() => load(mistakes))).join('\n');
  expect(message).not.toContain('s3cret');
  for (const part of [
    '2:3: notify.no url is no name for a target',
    'notify.no url.url is missing: give the webhook',
    'notify.a.url is no URL: give one such as https://hooks.example.com/…',
    'notify.b.on[0] must be one of failed, killUnconfirmed, gateClosed, approvalDue, orphans, not "failure"',
    'notify.c.url must be a text or a secret',
    'notify.c.on names no event',
    'notify.d.body names {{words}}: known are text, id, event',
    'notify.e.headers.authorization holds a literal secret',
    'notify.f.url must not hold a user or a password: give them as headers.authorization',
  ]) {
    expect(message).toContain(part);
  }
});
