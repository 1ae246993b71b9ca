import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Fault } from '../../../src/local/http/fault';
import { FaultPlan, readFaultScript } from '../../../src/local/http/faults';
import { LocalService } from '../../../src/local/http/service';

let service: LocalService;
let effects: string[];
beforeEach(async () => {
  effects = [];
  const route = (endpoint: string) => ({
    method: '*' as const,
    pattern: `/${endpoint}`,
    endpoint,
    handler: () => {
      effects.push(endpoint);
      return { json: { done: endpoint } };
    },
  });
  service = await LocalService.start({
    routes: [route('submit'), route('status'), route('statusAll')],
    faultActions: {
      lie: {
        fields: { says: 'text' },
        apply: ({ fault }) => ({ text: fault.says as string }),
      },
    },
    envelopeFault: (code, message) => ({ json: { code, error: message } }),
    tokenFault: () => ({ json: { code: 401, error: 'Invalid user or token, access deny.' } }),
    notFound: () => ({ status: 404, text: '' }),
  });
});
afterEach(() => service.close());

/** What the client sees: status and text, or `broken`. */
const call = async (endpoint = 'submit'): Promise<string> => {
  try {
    const response = await fetch(`${service.url}/${endpoint}`, { method: 'POST' });
    return `${response.status} ${await response.text()}`;
  } catch {
    return 'broken';
  }
};
const script = (...faults: Fault[]) => service.setFaults({ faults });
const fine = '200 {"done":"submit"}';

test('hits the calls that it names, by their number, and no other endpoint', async () => {
  script({ endpoint: 'submit', calls: [1, 3], do: 'status', status: 502, text: 'Bad Gateway' });
  const seen = [await call(), await call('status'), await call(), await call(), await call()];
  expect(seen).toEqual(['502 Bad Gateway', '200 {"done":"status"}', fine, '502 Bad Gateway', fine]);
  expect(service.calls.map(({ endpoint, status, fault }) => [endpoint, status, fault])).toEqual([
    ['submit', 502, 'status'],
    ['status', 200, undefined],
    ['submit', 200, undefined],
    ['submit', 502, 'status'],
    ['submit', 200, undefined],
  ]);
});

test('a fault before the effect keeps the call from happening, one after it only hides it', async () => {
  script({ endpoint: 'submit', do: 'drop' });
  expect([await call(), effects.length]).toEqual(['broken', 0]);
  script({ endpoint: 'submit', do: 'reset', when: 'after' });
  expect([await call(), effects.length]).toEqual(['broken', 1]);
  expect(service.calls.map(({ status, fault }) => [status, fault])).toEqual([
    [0, 'drop'],
    [0, 'reset'],
  ]);
});

test('a truncated body breaks off after its beginning, and the call took effect', async () => {
  script({ endpoint: 'submit', do: 'truncate', keepBytes: 4 });
  const response = await fetch(`${service.url}/submit`);
  const reader = response.body!.getReader();
  expect(Buffer.from((await reader.read()).value).toString()).toBe('{"do');
  await expect(reader.read()).rejects.toThrow();
  expect(effects).toEqual(['submit']);
});

test('speaks the vendor’s own words for an error and for an expired token', async () => {
  script(
    { endpoint: 'submit', calls: [1], do: 'error', code: '500', message: 'busy' },
    {
      endpoint: 'submit',
      calls: [2],
      do: 'expireToken',
    },
  );
  expect(await call()).toBe('200 {"code":"500","error":"busy"}');
  expect(await call()).toBe('200 {"code":401,"error":"Invalid user or token, access deny."}');
  expect(effects).toEqual([]);
});

test('sends Retry-After, and 503 where no status is named', async () => {
  script({ endpoint: 'submit', do: 'status', retryAfter: 5 });
  const response = await fetch(`${service.url}/submit`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
});

test('a late request still takes effect after its client has given up', async () => {
  script({ endpoint: 'submit', delayMs: 600_000 });
  const client = connect(service.port, '127.0.0.1');
  await once(client, 'connect');
  client.end('GET /submit HTTP/1.1\r\nHost: local\r\n\r\n');
  await once(client, 'finish');
  client.destroy();
  while (service.heldCalls === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(effects).toEqual([]);
  service.endDelays();
  while (effects.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(effects).toEqual(['submit']);
});

test('the first fault that is due wins, and each counts the calls of its own endpoint', async () => {
  script(
    { endpoint: 'submit', calls: [2], do: 'status', status: 500 },
    { endpoint: '*', calls: [2, 3], do: 'status', status: 429 },
  );
  const seen = [await call(), await call(), await call('status')].map((line) => line.slice(0, 3));
  expect(seen).toEqual(['200', '500', '429']);
});

describe('a share', () => {
  const plan = (...faults: Fault[]) => new FaultPlan({ faults }, { endpoints: [], actions: {} });
  const draw = (drawn: FaultPlan, endpoint = 'any', calls = 1000) =>
    Array.from({ length: calls }, () => drawn.next(endpoint)?.fault.do ?? '-');
  const fifth = (seed: number, more: Partial<Fault> = {}): Fault => ({
    endpoint: '*',
    share: 0.2,
    seed,
    do: 'drop',
    ...more,
  });

  test('hits the same calls on every run with the same seed', () => {
    expect(draw(plan(fifth(7)))).toEqual(draw(plan(fifth(7))));
    expect(draw(plan(fifth(7)))).not.toEqual(draw(plan(fifth(8))));
    const hits = draw(plan(fifth(7))).filter((word) => word === 'drop').length;
    expect(hits).toBeGreaterThan(150);
    expect(hits).toBeLessThan(250);
  });

  test('hits the same calls of an endpoint, whatever else is called meanwhile', () => {
    const alone = draw(plan(fifth(7)), 'submit', 100);
    const among = plan(fifth(7));
    const seen = alone.map(() => {
      draw(among, 'status', 3);
      return draw(among, 'submit', 1)[0];
    });
    expect(seen).toEqual(alone);
    expect(draw(plan(fifth(7)), 'status', 100)).not.toEqual(alone);
  });

  test('of one fault is drawn apart from that of another with the same seed', () => {
    const words = draw(plan(fifth(7), fifth(7, { do: 'reset' }), fifth(7, { do: 'status' })));
    for (const word of ['drop', 'reset', 'status']) {
      expect(words.filter((one) => one === word).length).toBeGreaterThan(80);
    }
  });
});

test('a late call cuts its caller off at once, and takes effect after the next call', async () => {
  script({ endpoint: 'submit', calls: [1], do: 'late', afterCallOf: 'submit' });
  expect([await call(), effects]).toEqual(['broken', []]);
  expect([await call('status'), effects]).toEqual(['200 {"done":"status"}', ['status']]);
  expect(await call()).toBe(fine);
  while (effects.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(effects).toEqual(['status', 'submit', 'submit']);
});

test('a late call takes effect after a time, or never when the service closes before', async () => {
  script({ endpoint: 'submit', do: 'late', afterMs: 600_000 });
  expect([await call(), effects]).toEqual(['broken', []]);
  service.endDelays();
  while (effects.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
  script({ endpoint: 'submit', do: 'late', afterMs: 60_000 });
  expect(await call()).toBe('broken');
  await service.close();
  expect(effects).toEqual(['submit']);
});

test('a login page comes as HTML with 200, in place of the effect', async () => {
  script({ endpoint: 'submit', do: 'loginPage' });
  const response = await fetch(`${service.url}/submit`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  expect(await response.text()).toContain('<form action="/login"');
  expect(effects).toEqual([]);
});

test('a true answer may have another content type', async () => {
  script({ endpoint: 'submit', do: 'contentType' });
  const plain = await fetch(`${service.url}/submit`);
  expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await plain.json()).toEqual({ done: 'submit' });
  script({ endpoint: 'submit', do: 'contentType', contentType: 'text/html' });
  const html = await fetch(`${service.url}/submit`);
  expect(html.headers.get('content-type')).toBe('text/html');
});

test('a quota lets so many calls through, then asks to come back when the period ends', async () => {
  script({ endpoint: '*', do: 'quota', allowed: 1, periodMs: 3_600_000 });
  expect(await call()).toBe(fine);
  const refused = await fetch(`${service.url}/submit`);
  expect([refused.status, Number(refused.headers.get('retry-after')) > 3000]).toEqual([429, true]);
  script({ endpoint: '*', do: 'quota', allowed: 1, code: 426 });
  expect([await call(), (await call()).slice(0, 15)]).toEqual([fine, '200 {"code":426']);
  expect(effects).toHaveLength(2);
});

test('a fault forgets what it has counted when the same script is set again', async () => {
  const same: Fault = { endpoint: '*', do: 'quota', allowed: 1 };
  script(same);
  expect([await call(), (await call()).slice(0, 3)]).toEqual([fine, '429']);
  script(same);
  expect(await call()).toBe(fine);
});

test('a service’s own action takes its own fields', async () => {
  script({ endpoint: 'status', do: 'lie', says: 'killed' });
  expect(await call('status')).toBe('200 killed');
});

test.each<[string, unknown, string]>([
  ['no list', { fault: [] }, 'has an unknown key `fault`; the nearest one it may have is `faults`'],
  ['no faults', {}, 'faults must be a list, not missing'],
  ['a text', 'drop', 'A fault script must be a mapping'],
  ['an endpoint', { endpoint: 'statsAll', do: 'drop' }, 'the nearest one is statusAll'],
  ['no endpoint', { do: 'drop' }, 'faults[0].endpoint must be one of *, submit, status'],
  ['an action', { endpoint: '*', do: 'dorp' }, 'not "dorp"; the nearest one is drop'],
  ['a prototype’s name', { endpoint: '*', do: 'toString' }, 'faults[0].do must be one of none'],
  ['a key', { endpoint: '*', do: 'drop', cals: [1] }, 'unknown key `cals`; the nearest one it'],
  ['another action’s key', { endpoint: '*', do: 'drop', status: 500 }, 'unknown key `status`'],
  ['a time', { endpoint: '*', when: 'later' }, 'faults[0].when must be one of before, after'],
  ['call 0', { endpoint: '*', calls: [0] }, 'must be a list of call numbers from 1'],
  ['a bare call', { endpoint: '*', calls: 1 }, 'must be a list of call numbers from 1'],
  ['a share', { endpoint: '*', share: 20 }, 'faults[0].share must be above 0 and up to 1, not 20'],
  ['both', { endpoint: '*', share: 1, calls: [1] }, 'has both `calls` and `share`'],
  ['a lonely seed', { endpoint: '*', seed: 1 }, 'has a `seed` but no `share`'],
  ['a delay', { endpoint: '*', delayMs: '5s' }, 'delayMs must be milliseconds, 0 or more'],
  ['a status', { endpoint: '*', do: 'status', status: 'x' }, 'status must be number, not "x"'],
  ['no quota', { endpoint: '*', do: 'quota' }, 'needs `allowed`'],
  ['a quota of none', { endpoint: '*', do: 'quota', allowed: 0 }, 'allowed must be a whole number'],
  [
    'two kinds of late',
    { endpoint: '*', do: 'late', afterMs: 1, afterCallOf: 'submit' },
    'has both `afterMs` and `afterCallOf`',
  ],
  [
    'a late effect',
    { endpoint: '*', do: 'late', when: 'after' },
    "can't be `late` and take effect first",
  ],
  [
    'what never comes',
    { endpoint: '*', do: 'late', afterCallOf: 'submits' },
    'afterCallOf must be the name of an endpoint, not "submits"',
  ],
])('refuses a script with %s that it cannot follow', (_what, given, message) => {
  const whole = isFault(given) ? { faults: [given] } : given;
  expect(() => service.setFaults(whole as never)).toThrow(message);
});

function isFault(given: unknown): boolean {
  return typeof given === 'object' && ('endpoint' in given! || 'do' in given!);
}

test('reads a script from a YAML file and names a file that it cannot read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'faults-'));
  const file = path.join(folder, 'faults.yaml');
  await writeFile(file, 'faults:\n  - endpoint: submit\n    calls: [1]\n    do: drop\n');
  service.setFaults(await readFaultScript(file));
  expect([await call(), await call()]).toEqual(['broken', fine]);
  await writeFile(file, 'faults: [');
  await expect(readFaultScript(file)).rejects.toThrow(`${file} isn't YAML`);
  await rm(folder, { recursive: true });
  await expect(readFaultScript(file)).rejects.toThrow(`${file} can't be read`);
});
