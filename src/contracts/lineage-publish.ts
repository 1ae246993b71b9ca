import type { ArtifactRef } from './artifact';
import type { PublishOptions } from './lineage-gate';

/** Which refresh the lineage comes of; the OpenLineage run ids are made of it. */
export interface LineageRun {
  readonly chain: string;
  readonly connection: string;
  readonly revision: number;
  /** When the refresh ended, epoch milliseconds: the time of the events. */
  readonly atMs: number;
  /** The time that a schedule meant, epoch milliseconds. */
  readonly scheduledAtMs?: number;
}

/** Input of the activity `lineagePublish`. */
export interface LineagePublishInput extends PublishOptions {
  /** The revision's `lineage.json`. */
  readonly lineage: ArtifactRef;
  readonly run: LineageRun;
}

/** What was published. */
export interface PublishedLineage {
  readonly target: string;
  /** Events that the lineage makes. */
  readonly events: number;
  /** Those of them that this call sent; the others had been accepted before. */
  readonly sent: number;
  /** Those with so many edges that they tell of tables alone. */
  readonly withoutColumns: number;
}
