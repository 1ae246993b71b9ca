/** What this package sends of OpenLineage 2-0-2: run events of finished runs, with column lineage. */
export interface RunEvent {
  readonly eventType: 'COMPLETE';
  /** ISO 8601. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: {
    readonly runId: string;
    readonly facets: {
      readonly nominalTime?: Facet & { readonly nominalStartTime: string };
      readonly processing_engine: Facet & { readonly name: string; readonly version: string };
    };
  };
  readonly job: {
    readonly namespace: string;
    readonly name: string;
    readonly facets: {
      readonly jobType: Facet & {
        readonly processingType: 'BATCH';
        readonly integration: string;
        readonly jobType: string;
      };
    };
  };
  readonly inputs: readonly EventDataset[];
  readonly outputs: readonly EventDataset[];
}

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
}

export interface EventDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: {
    readonly schema?: Facet & {
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    };
    readonly columnLineage?: ColumnLineageFacet;
  };
}

export interface ColumnLineageFacet extends Facet {
  /** Where the values of each column come from. */
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;
  /** What decides which rows there are. */
  readonly dataset?: readonly InputField[];
}

export interface InputField {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly Transformation[];
}

export interface Transformation {
  /** `DIRECT`: the value is made of it; `INDIRECT`: it decides about the value or the row. */
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype?: 'AGGREGATION';
}

/** The version that `test/fixtures/openlineage` has the published schemas of. */
const spec = 'https://openlineage.io/spec';
export const schemas = {
  event: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  columnLineage: `${spec}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet`,
  schema: `${spec}/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet`,
  nominalTime: `${spec}/facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet`,
  processingEngine: `${spec}/facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet`,
  jobType: `${spec}/facets/2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet`,
} as const;
