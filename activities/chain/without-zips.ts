import type { Lineage } from '../../src/lineage/model';

/**
 * The server's errors with files by the names that their owner knows: which zip of ours brought
 * them to the service is nobody's concern.
 */
export function withoutZips(chain: string, lineage: Lineage): Lineage {
  const name = chain.replaceAll('.', '\\.');
  const zips = new RegExp(`(?<![\\w.-])${name}-[0-9a-f]{12}\\.zip/`, 'g');
  const errors = lineage.errors.map((error) => ({
    ...error,
    message: error.message.replace(zips, ''),
    ...(error.file !== undefined && { file: error.file.replace(zips, '') }),
  }));
  const { notice } = lineage;
  const words = notice?.words.map((said) => said.replace(zips, ''));
  return { ...lineage, errors, ...(notice && words && { notice: { ...notice, words } }) };
}
