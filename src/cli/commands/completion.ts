import { command } from '../command';
import { scripts, shells, type Shell } from '../completion/scripts';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';

export const completion = command<object, [string]>({
  name: 'completion',
  summary: 'completion of commands, options and ids, for a shell',
  description: `Prints a script for bash, zsh or fish. It completes commands, options, their values and files, and
asks Temporal and the configuration for jobs, chains, schedules and connections: for one second at
most, or REMOTE_JOBS_COMPLETION_MS.

  bash   remote-jobs completion bash > ~/.local/share/bash-completion/completions/remote-jobs
  zsh    remote-jobs completion zsh > "\${fpath[1]}/_remote-jobs"
  fish   remote-jobs completion fish > ~/.config/fish/completions/remote-jobs.fish`,
  arguments: [{ usage: '<SHELL>', description: shells.join(', ') }],
  output: ['completion'],
  examples: ['source <(remote-jobs completion bash)', 'remote-jobs completion zsh'],
  run: ({ output }, _options, named) => {
    const shell: Shell | undefined = shells.find((one) => one === named);
    if (shell === undefined) {
      throw usageError(`"${named}" is no shell that is known: give ${shells.join(', ')}.`);
    }
    output.json({ shell, script: scripts[shell] });
    if (output.mode === 'text') output.raw(scripts[shell]);
    return Promise.resolve(exitCodes.done);
  },
});
