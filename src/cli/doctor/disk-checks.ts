import { access, constants, mkdir, stat } from 'node:fs/promises';
import { SecretResolver } from '../../config/secrets';
import type { RemoteJobsConfig } from '../../config/load';
import { words, type Examined, type Finding } from './finding';

export async function checkInputRoots({ inputs }: RemoteJobsConfig): Promise<Examined[]> {
  return Promise.all(
    inputs.roots.map(async (root): Promise<Examined> => {
      const check = 'input root';
      const cure = 'make the folder, let the worker read it, or take it out of inputs.roots';
      try {
        if (!(await stat(root)).isDirectory()) throw new Error('it is no folder');
        await access(root, constants.R_OK | constants.X_OK);
        return { check, status: 'ok', found: `${root} can be read` };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const run = async () => {
          await mkdir(root, { recursive: true });
          return `${root} was made; it is empty`;
        };
        const fix = code === 'ENOENT' ? { what: `make the folder ${root}`, run } : undefined;
        return {
          check,
          status: 'wrong',
          found: `${root} ${code === 'ENOENT' ? "isn't there" : `can't be read: ${code ?? words(error)}`}`,
          cure,
          fix,
        };
      }
    }),
  );
}

/** What inputs may name with `{ secret: NAME }`; the values themselves are never told. */
export async function checkSecrets(
  { secrets }: RemoteJobsConfig,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const resolver = new SecretResolver(secrets, env);
  return Promise.all(
    resolver.names.map(async (name): Promise<Finding> => {
      const check = `secret ${name}`;
      try {
        await resolver.resolve({ secret: name });
        return { check, status: 'ok', found: 'it has a value' };
      } catch (error) {
        const [found = '', cure = 'mend it where the worker runs'] = words(error)
          .replace(/\.$/, '')
          .split(/: (?=set it )/);
        return { check, status: 'warning', found, cure };
      }
    }),
  );
}
