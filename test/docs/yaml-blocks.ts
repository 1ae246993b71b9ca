import { parse } from 'yaml';
import type { FaultScript } from '../../src/local/public';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { readSettings } from '../../src/config/settings';
import { connectionSchemas, rootSchema } from '../../src/config/schema';
import { checkPipeline } from '../../src/pipeline-files/check-pipeline';
import { mistakeLine } from '../../src/pipeline-files/places';

const origin = { kind: 'file', folder: '/' } as const;
const rootKeys = Object.keys(rootSchema(origin).shape);
const { sqlflow, linkis } = connectionSchemas(origin);

/** What is wrong with a block; a part of a connection counts as one. */
export async function yamlMistakes(value: unknown, text: string): Promise<string[]> {
  if (typeof value !== 'object' || value === null) return ['is no group of settings'];
  const keys = Object.keys(value);
  if (keys.includes('steps')) return pipelineMistakes(text);
  if (keys.includes('faults')) return faultMistakes(text);
  // Files of other programs.
  if (keys.includes('services') || keys.includes('apiVersion')) return [];
  if (keys.every((key) => rootKeys.includes(key))) return settingMistakes(value);
  const shapes: Record<string, { safeParse(one: unknown): { success: boolean } }> = {
    ...sqlflow.shape,
    ...linkis.shape,
  };
  return Object.entries(value).flatMap(([key, one]) => {
    if (shapes[key] === undefined) return [`${key} is no setting`];
    return shapes[key].safeParse(one).success ? [] : [`${key} has a wrong value`];
  });
}

function settingMistakes(value: object): string[] {
  const read = readSettings(value, origin);
  if (!Array.isArray(read)) return [];
  return (
    read
      // The connection that a default names stands in another block.
      .filter(({ path }) => path[0] !== 'defaults')
      .map(({ path, problem }) => `${path.join('.')} ${problem}`)
  );
}

/** But for the files that it names: they are the reader's. */
async function pipelineMistakes(text: string): Promise<string[]> {
  const { mistakes } = await checkPipeline(text, {
    file: 'pipeline.yaml',
    folder: '/nowhere',
    connections: { names: () => [] },
    signal: new AbortController().signal,
  });
  return mistakes
    .filter(
      ({ problem }) => !/doesn't exist: check the path$|finds no file, seen from/.test(problem),
    )
    .map(mistakeLine);
}

/** Each fault is one that one of the two services knows. */
async function faultMistakes(text: string): Promise<string[]> {
  const { faults, ...others } = parse(text) as FaultScript;
  const [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  const problemOf = (service: LocalSqlFlow['service'], fault: FaultScript['faults'][number]) => {
    try {
      service.setFaults({ faults: [fault], ...others });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  try {
    return faults.flatMap((fault) => {
      const problems = [sqlflow, linkis].map(({ service }) => problemOf(service, fault));
      return problems.includes(undefined) ? [] : (problems as string[]);
    });
  } finally {
    await Promise.all([sqlflow.close(), linkis.close()]);
  }
}
