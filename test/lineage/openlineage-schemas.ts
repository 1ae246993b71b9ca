import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

const folder = path.join(__dirname, '../fixtures/openlineage');
const base = 'https://openlineage.io/spec';
const facets = {
  columnLineage: '1-2-0/ColumnLineageDatasetFacet',
  schema: '1-2-0/SchemaDatasetFacet',
  processing_engine: '1-1-1/ProcessingEngineRunFacet',
  jobType: '2-0-3/JobTypeJobFacet',
};

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
for (const file of ['OpenLineage', ...Object.values(facets).map((id) => id.split('/')[1])]) {
  const at = file === 'OpenLineage' ? `${file}.json` : `facets/${file}.json`;
  ajv.addSchema(JSON.parse(readFileSync(path.join(folder, at), 'utf8')) as object);
}

/** What the published schemas say against an event: against itself, and against each of its facets. */
export function schemaMistakes(event: any): string[] {
  const mistakes = mistakesOf(`${base}/2-0-2/OpenLineage.json#/$defs/RunEvent`, event, 'event');
  const datasets = [...event.inputs, ...event.outputs].map(({ facets: found }) => found);
  for (const found of [event.run.facets, event.job.facets, ...datasets]) {
    for (const [name, facet] of Object.entries<any>(found)) {
      // Not among the fixtures: its one field is looked at by the tests.
      if (name === 'nominalTime') continue;
      const [version, file] = facets[name as keyof typeof facets].split('/');
      const id = `${base}/facets/${version}/${file}.json`;
      if (facet._schemaURL !== `${id}#/$defs/${file}`) {
        mistakes.push(`${name} names the schema ${facet._schemaURL}`);
      } else {
        mistakes.push(...mistakesOf(id, { [name]: facet }, name));
      }
    }
  }
  return mistakes;
}

function mistakesOf(schema: string, value: unknown, what: string): string[] {
  const check = ajv.getSchema(schema);
  if (check === undefined) return [`there is no schema ${schema}`];
  void check(value);
  return (check.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message}`);
}
