import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Fault, FaultScript } from '../../src/local/http/fault';
import { builtInActions } from '../../src/local/http/fault-actions';
import type { LocalService } from '../../src/local/http/service';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';

let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
let page: string;
beforeAll(async () => {
  page = await readFile(path.join(__dirname, '../../docs/fault-scripts.md'), 'utf8');
  [linkis, sqlflow] = await Promise.all([LocalLinkis.start(), LocalSqlFlow.start()]);
});
afterAll(() => Promise.all([linkis.close(), sqlflow.close()]));

test('one of the two services takes every fault that the page shows', () => {
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const faults = blocks.flatMap((text) => (parse(text) as FaultScript).faults);
  expect(faults.length).toBeGreaterThan(20);
  const refusal = ({ service }: { service: LocalService }, fault: Fault) => {
    try {
      service.setFaults({ faults: [fault] });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const refused = faults.flatMap((fault) => {
    const answers = [refusal(linkis, fault), refusal(sqlflow, fault)];
    return answers.includes(undefined) ? [] : [{ fault, answers }];
  });
  expect(refused).toEqual([]);
});

test('the page explains every action that a script may name', () => {
  const actionsOf = (service: LocalService) => {
    try {
      service.setFaults({ faults: [{ endpoint: '*', do: 'no such action' }] });
      return [];
    } catch (error) {
      const [, list = ''] = /must be one of (.*), not /.exec((error as Error).message) ?? [];
      return list.split(', ');
    }
  };
  const actions = [...actionsOf(linkis.service), ...actionsOf(sqlflow.service)];
  expect(actions).toEqual(expect.arrayContaining(Object.keys(builtInActions)));
  const explained = new Set([...page.matchAll(/^\| `(\w+)`/gm)].map(([, word]) => word));
  expect(actions.filter((word) => !explained.has(word))).toEqual([]);
});
