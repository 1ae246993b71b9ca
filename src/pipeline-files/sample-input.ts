import type { StagedFile } from '../contracts/artifact';
import type { ManifestRef } from '../contracts/chain';
import type { Mistake } from '../contracts/findings';
import { mapTexts } from '../contracts/run-variables';
import { validateChainRefresh } from '../contracts/validate-chain';
import { validateLinkisTask } from '../contracts/validate-linkis';
import { validateSqlFlowJob, validateSqlFlowPersistJob } from '../contracts/validate-sqlflow';
import type { StepRun } from './step-run';

const sha256 = '0'.repeat(64);
const artifact = { uri: `artifact:sha256/${sha256}`, format: 'sql', sizeBytes: 1, sha256 } as const;
const file: StagedFile = { name: 'a.sql', artifact };
const inputs: ManifestRef = { artifact: { ...artifact, format: 'json' }, files: 1, sizeBytes: 1 };

/** What the workflows would refuse of a step, as far as it can be told before its files are staged. */
export function bodyMistakes(run: StepRun): readonly Mistake[] {
  switch (run.type) {
    case 'linkisTask': {
      // Both or none of them is a mistake; what the file holds is told when it is staged.
      const codeFile = run.codeFile === undefined ? undefined : file;
      return validateLinkisTask({ ...run.job, codeFile });
    }
    case 'sqlflowJob':
      return validateSqlFlowJob({ ...run.job, files: filesOf(run) });
    case 'sqlflowPersistJob':
      return validateSqlFlowPersistJob({ ...run.job, files: filesOf(run) });
    case 'chainRefresh':
      return validateChainRefresh({ ...run.refresh, inputs });
    case 'approval':
      return [];
  }
}

function filesOf({ files }: { readonly files: { readonly paths: readonly string[] } }) {
  return files.paths.length === 0 ? undefined : [file];
}

/** A value whose texts with braces are plain: what stands in them is checked when it is known. */
export function withoutBraces<Value>(value: Value): Value {
  return mapTexts(value, (text) => text.replace(/\{\{.*?\}\}/gs, 'x'));
}
