import { at, edgeKinds, type Lineage, type LineageColumn, type LineageDataset } from '../model';
import {
  schemas,
  type ColumnLineageFacet,
  type EventDataset,
  type InputField,
  type RunEvent,
  type Transformation,
} from './event-types';
import { spelled, type Spelling } from './naming';
import { runIdOf } from './run-id';

const defaultProducer = 'https://www.npmjs.com/package/temporal-remote-jobs';

/** Edges of one event, of some 150 bytes each; Google's catalog takes events of 5 MB, for one. */
const mostEdges = 20_000;

export interface EventSettings {
  /** Before the dataset in each job's name: the chain's. */
  readonly jobName: string;
  readonly jobNamespace: string;
  readonly datasetNamespace: string;
  readonly names: Spelling;
  /** @default {@link defaultProducer} */
  readonly producer?: string;
  /** What makes the run ids of this refresh its own; the same for a repeat. */
  readonly runSeed: string;
  /** When the lineage was there, epoch milliseconds. */
  readonly atMs: number;
  /** The time that a schedule meant, epoch milliseconds. */
  readonly scheduledAtMs?: number;
}

/**
 * One run of one job for each dataset into which something flows: its sources as inputs, itself as
 * output with the lineage of its columns; above {@link mostEdges} without it. In the order of the datasets' keys, made one at a time.
 */
export function* lineageEvents(lineage: Lineage, settings: EventSettings): Generator<RunEvent> {
  const flows = new FlowEdges(lineage);
  for (const [index, dataset] of lineage.datasets.entries()) {
    const edges = flows.into(index);
    if (edges.length === 0) continue;
    const sources = new Set(edges.map(({ source }) => source.dataset));
    yield runEvent(
      dataset.key,
      settings,
      [...sources]
        .sort((a, b) => a - b)
        .map((source) => datasetOf(lineage, at(lineage.datasets, source), settings)),
      {
        ...datasetOf(lineage, dataset, settings),
        // Beyond this an event would be more than catalogs take; that they show tables is worth more.
        columnLineage:
          edges.length > mostEdges ? undefined : columnLineage(lineage, edges, settings),
      },
    );
  }
}

/** A dataset that an event has as its output: its identity, and its name in the event. */
export interface EventOutput {
  readonly key: string;
  readonly name: string;
}

/** The datasets that {@link lineageEvents} makes events for, in their order. */
export function eventOutputs(lineage: Lineage, names: Spelling): EventOutput[] {
  const flows = new FlowEdges(lineage);
  return lineage.datasets
    .filter((_, index) => flows.into(index).length > 0)
    .map((dataset) => ({ key: dataset.key, name: spelled(dataset, names) }));
}

/**
 * Says of a dataset into which nothing flows any more that its job now has no inputs: catalogs
 * keep the last run of a job, and with it sources that are gone. Of its columns it says nothing: the
 * dataset may be there as before.
 */
export function emptyEvent({ key, name }: EventOutput, settings: EventSettings): RunEvent {
  return runEvent(key, settings, [], {
    namespace: settings.datasetNamespace,
    name,
    columnLineage: { ...facet(settings, schemas.columnLineage), fields: {} },
  });
}

interface FlowEdge {
  readonly source: LineageColumn;
  readonly target: LineageColumn;
  readonly transformation: Transformation;
}

/** What an edge's kind is in OpenLineage; of the others nothing flows, so they are no lineage there. */
const transformations: Readonly<Record<string, Transformation>> = {
  fdd: { type: 'DIRECT' },
  frd: { type: 'DIRECT', subtype: 'AGGREGATION' },
  fdr: { type: 'INDIRECT' },
};

/** The edges into a dataset lie together: they are sorted by target, and columns by dataset. */
class FlowEdges {
  /** Of each dataset, its first edge; one more at the end. */
  private readonly first: Uint32Array;

  constructor(private readonly lineage: Lineage) {
    const { columns, datasets, edges } = lineage;
    this.first = new Uint32Array(datasets.length + 1);
    for (let edge = 0; edge < edges.length; edge += 1) {
      const { dataset } = at(columns, at(edges.target, edge));
      this.first[dataset + 1] = edge + 1;
    }
    for (let index = 1; index < this.first.length; index += 1) {
      this.first[index] = Math.max(at(this.first, index), at(this.first, index - 1));
    }
  }

  into(dataset: number): FlowEdge[] {
    const { columns, edges } = this.lineage;
    const found: FlowEdge[] = [];
    for (let edge = at(this.first, dataset); edge < at(this.first, dataset + 1); edge += 1) {
      const transformation = transformations[at(edgeKinds, at(edges.kind, edge))];
      if (transformation === undefined) continue;
      found.push({
        source: at(columns, at(edges.source, edge)),
        target: at(columns, at(edges.target, edge)),
        transformation,
      });
    }
    return found;
  }
}

interface NamedDataset {
  readonly namespace: string;
  readonly name: string;
  /** Undefined: nothing is said of its columns. */
  readonly fields?: readonly string[];
}

function datasetOf(
  lineage: Lineage,
  dataset: LineageDataset,
  { datasetNamespace, names }: EventSettings,
): NamedDataset {
  const { firstColumn, columnCount } = dataset;
  return {
    namespace: datasetNamespace,
    name: spelled(dataset, names),
    fields: lineage.columns
      .slice(firstColumn, firstColumn + columnCount)
      .filter(({ role }) => role === 'column')
      .map((column) => spelled(column, names)),
  };
}

/**
 * Columns by where their values come from; what decides about rows stands for the dataset as a
 * whole. A source without a column's name (all columns, or its rows) is among the inputs only.
 */
function columnLineage(
  lineage: Lineage,
  edges: readonly FlowEdge[],
  settings: EventSettings,
): ColumnLineageFacet {
  const fields = new Map<string, InputField[]>();
  const whole: InputField[] = [];
  for (const { source, target, transformation } of edges) {
    if (source.role !== 'column' || target.role === 'star') continue;
    const list = target.role === 'rows' ? whole : listIn(fields, spelled(target, settings.names));
    const namespace = settings.datasetNamespace;
    const name = spelled(at(lineage.datasets, source.dataset), settings.names);
    const field = spelled(source, settings.names);
    const last = list.at(-1);
    // Edges of one source lie together, a kind each.
    if (last?.name === name && last.field === field) {
      const more = [...last.transformations, transformation];
      list[list.length - 1] = { ...last, transformations: more };
    } else {
      list.push({ namespace, name, field, transformations: [transformation] });
    }
  }
  return {
    ...facet(settings, schemas.columnLineage),
    fields: Object.fromEntries([...fields].map(([name, inputFields]) => [name, { inputFields }])),
    ...(whole.length > 0 && { dataset: whole }),
  };
}

function listIn(lists: Map<string, InputField[]>, name: string): InputField[] {
  let list = lists.get(name);
  if (list === undefined) lists.set(name, (list = []));
  return list;
}

function runEvent(
  key: string,
  settings: EventSettings,
  inputs: readonly NamedDataset[],
  output: NamedDataset & { readonly columnLineage?: ColumnLineageFacet },
): RunEvent {
  const { scheduledAtMs, jobName, jobNamespace, runSeed } = settings;
  return {
    eventType: 'COMPLETE',
    eventTime: isoTime(settings.atMs),
    producer: settings.producer ?? defaultProducer,
    schemaURL: schemas.event,
    run: {
      runId: runIdOf(runSeed, key),
      facets: {
        ...(scheduledAtMs !== undefined && {
          nominalTime: {
            ...facet(settings, schemas.nominalTime),
            nominalStartTime: isoTime(scheduledAtMs),
          },
        }),
        processing_engine: {
          ...facet(settings, schemas.processingEngine),
          name: 'SQLFlow',
          version: 'unknown',
        },
      },
    },
    job: {
      namespace: jobNamespace,
      name: `${jobName}.${output.name}`,
      facets: {
        jobType: {
          ...facet(settings, schemas.jobType),
          processingType: 'BATCH',
          integration: 'SQLFLOW',
          jobType: 'JOB',
        },
      },
    },
    inputs: inputs.map((input) => eventDataset(input, settings)),
    outputs: [eventDataset(output, settings)],
  };
}

function eventDataset(
  {
    namespace,
    name,
    fields,
    columnLineage: lineage,
  }: NamedDataset & { readonly columnLineage?: ColumnLineageFacet },
  settings: EventSettings,
): EventDataset {
  return {
    namespace,
    name,
    facets: {
      ...(fields !== undefined && {
        schema: {
          ...facet(settings, schemas.schema),
          // Column lineage of a column that has no type is dropped, or an error, in some catalogs.
          fields: fields.map((field) => ({ name: field, type: 'unknown' })),
        },
      }),
      ...(lineage !== undefined && { columnLineage: lineage }),
    },
  };
}

function facet(settings: EventSettings, schema: string) {
  return { _producer: settings.producer ?? defaultProducer, _schemaURL: schema };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
