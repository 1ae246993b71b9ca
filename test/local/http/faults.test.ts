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
  script({ endpoint: 'submit', delayMs: 100 });
  const client = connect(service.port, '127.0.0.1');
  await once(client, 'connect');
  client.end('GET /submit HTTP/1.1\r\nHost: local\r\n\r\n');
  await once(client, 'finish');
  client.destroy();
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

test('a share hits the same calls on every run with the same seed', async () => {
  const draw = (seed: number) => {
    const plan = new FaultPlan(
      { faults: [{ endpoint: '*', share: 0.2, seed, do: 'drop' }] },
      { endpoints: [], actions: {} },
    );
    return Array.from({ length: 1000 }, () => plan.next('any') !== undefined);
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  const hits = draw(7).filter(Boolean).length;
  expect(hits).toBeGreaterThan(150);
  expect(hits).toBeLessThan(250);
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
