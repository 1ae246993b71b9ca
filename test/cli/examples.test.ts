import { commands } from '../../src/cli/commands/all';
import { jq, readExample, wholeLines } from './example-line';
import { exampleWorld, type ExampleWorld } from './example-world';
import { worlds } from './example-worlds';

let world: ExampleWorld;
beforeAll(async () => {
  world = await exampleWorld();
}, 300_000);
afterAll(() => world.close());

/** These take away what others look at. */
const last = ['schedule delete', 'chain forget', 'chain adopt', 'cancel'];
const ordered = [...commands].sort(
  (one, other) => last.indexOf(one.name) - last.indexOf(other.name),
);

test('every command has an example, and no example needs more of a shell than quotes', () => {
  for (const { name, examples } of commands) {
    const lines = wholeLines(examples);
    expect({ name, count: lines.length }).not.toEqual({ name, count: 0 });
    for (const line of lines) {
      const { words } = readExample(outer(line), world.cwd);
      const start = outer(line) === line ? name.split(' ') : [];
      expect(words.slice(0, start.length)).toEqual(start);
    }
  }
});

for (const spec of ordered) {
  test(`the help of ${spec.name} shows only what works`, async () => {
    for (const line of wholeLines(spec.examples)) {
      await runExample(spec.name, line);
    }
  });
}

async function runExample(name: string, line: string): Promise<void> {
  const { prepare, run, stopAt, codes = [0] } = worlds[line] ?? worlds[name] ?? {};
  await prepare?.(world);
  if (run !== undefined) return run(world, line);
  const { env, words, filter } = readExample(await withInner(line), world.cwd);
  const terminal = world.terminal({ env });
  const typed = await Promise.all(words.map((word) => world.real(word)));
  const running = terminal.run(...typed);
  if (stopAt !== undefined) {
    await Promise.race([terminal.untilSaid(stopAt), running]);
    terminal.interrupt();
  }
  const code = await running;
  if (!codes.includes(code)) {
    throw new Error(
      `The example "${line}" ended with ${code}: ${terminal.stderr}${terminal.stdout}
Prepare what it needs in test/cli/example-worlds.ts, or write an example that works.`,
    );
  }
  if (filter !== undefined) expect(jq(filter, terminal.json)).toBeDefined();
}

const inner = /"\$\((.*)\)"|<\((.*)\)/;

/** The line without what another command answers into it. */
function outer(line: string): string {
  const [, quoted, sourced] = inner.exec(line) ?? [];
  return sourced ?? (quoted === undefined ? line : line.replace(inner, 'ID'));
}

/** Runs the command inside first: `"$(…)"` becomes what it printed. */
async function withInner(line: string): Promise<string> {
  const [, quoted] = inner.exec(line) ?? [];
  if (quoted === undefined) return outer(line);
  const terminal = world.terminal();
  expect(await terminal.run(...readExample(quoted, world.cwd).words)).toBe(0);
  return line.replace(inner, terminal.stdout.trim());
}
