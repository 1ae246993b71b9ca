import { builtinModules } from 'node:module';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** The webpack compiler, as far as this test looks into it. */
interface Compiler {
  hooks: { compilation: { tap(name: string, listener: (compilation: Compilation) => void): void } };
}
interface Compilation {
  hooks: {
    finishModules: { tap(name: string, listener: (modules: Iterable<Module>) => void): void };
  };
}
interface Module {
  readonly resource?: string;
  readonly dependencies: readonly { readonly request?: string }[];
}

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

async function bundled(workflowsPath: string): Promise<{ files: string[]; requests: string[] }> {
  const files: string[] = [];
  const requests: string[] = [];
  const collect = {
    apply: ({ hooks }: Compiler) =>
      hooks.compilation.tap('test', (compilation) =>
        compilation.hooks.finishModules.tap('test', (modules) => {
          for (const { resource, dependencies } of modules) {
            if (resource !== undefined) files.push(resource);
            // What the SDK itself asks for is the SDK's affair.
            if (resource?.includes('node_modules') !== false) continue;
            requests.push(...dependencies.flatMap(({ request }) => request ?? []));
          }
        }),
      ),
  };
  await bundleWorkflowCode({
    workflowsPath,
    logger: quiet,
    webpackConfigHook: (config) => ({
      ...config,
      plugins: [...(config.plugins ?? []), collect as never],
    }),
  });
  return { files, requests };
}

test('the workflow bundle holds neither undici nor zod nor a Node builtin nor another room', async () => {
  const root = path.join(__dirname, '../..');
  const { files, requests } = await bundled(path.join(root, 'workflows/public.ts'));
  const own = files
    .filter((file) => file.startsWith(root) && !file.includes('node_modules'))
    .map((file) => path.relative(root, file));
  expect(own).toContain('workflows/linkis-task.ts');
  expect(own.filter((file) => !/^(workflows|src\/contracts)\//.test(file))).toEqual([]);
  expect(files.filter((file) => /node_modules\/(undici|zod|yaml)\//.test(file))).toEqual([]);
  const builtins = requests.filter(
    (request) => request.startsWith('node:') || builtinModules.includes(request),
  );
  expect(builtins).toEqual([]);
  expect(requests).toContain('@temporalio/workflow');
});
