import { rename, writeFile } from 'node:fs/promises';

let writes = 0;

/** A reader, and a restart after a crash, find the old file or the new one, never half of one. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}-${(writes += 1)}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
