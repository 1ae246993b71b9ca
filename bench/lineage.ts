import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Bench } from './bench';
import { writeExport } from './lineage-export';
import { inOwnProcess } from './own-process';

export const lineage: Bench = {
  name: 'lineage',
  title:
    'Two JSON exports of one lineage, in the second of which one column in a hundred has another source, and the server chose other ids, numbers, case and order: read both, compare them, count. The plain way compares edges as they stand in the text, result sets among them.',
  async *run(size) {
    const quick = size === 'quick';
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-lineage-'));
    try {
      for (const megabytes of quick ? [5] : [20, 200]) {
        const [before, after] = ['before.json', 'after.json'].map((name) =>
          path.join(folder, name),
        );
        if (before === undefined || after === undefined) continue;
        await writeExport(before, { sizeBytes: megabytes * 1e6, revision: 0 });
        await writeExport(after, { sizeBytes: megabytes * 1e6, revision: 1 });
        const order = { before, after };
        const { size } = await stat(before);
        yield {
          case: `${Math.round(size / 1e6)} MB each`,
          sides: [
            await inOwnProcess('lineage-side.js', { ...order, way: 'parse', name: 'JSON.parse' }),
            await inOwnProcess('lineage-side.js', { ...order, way: 'read', name: 'readLineage' }),
          ],
        };
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
