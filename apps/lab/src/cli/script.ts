import { Command } from 'commander';

/** As a shell has it, for a command that was not understood. */
const MISUNDERSTOOD = 2;

/** The command line of a script: `--help` prints its options, and words that are not understood end it with 2. */
export function script(name: string, description: string): Command {
  return new Command(`npm run ${name} --`).description(description).exitOverride(({ exitCode }) => {
    process.exit(exitCode === 0 ? 0 : MISUNDERSTOOD);
  });
}
