import { type StrategyName } from '@musubi/client';
import { Command, InvalidArgumentError, Option } from 'commander';

export const PLACEMENTS: readonly StrategyName[] = ['source-chain', 'pairwise-dht', 'global-dht'];

/** What `npm run chat` was asked for. */
export interface ChatArguments {
  /** The nickname. */
  readonly as: string;
  readonly to?: string;
  readonly url: string;
  readonly placement: StrategyName;
  /** Where the chat keeps which agent a nickname is. */
  readonly data: string;
}

const MISUNDERSTOOD = 2;

/** Prints the help, or what is wrong, and ends the process where there is nothing to run. */
export function parseArguments(words: readonly string[]): ChatArguments {
  const command = new Command('npm run chat --')
    .description('A chat in the terminal. Start it twice, in two terminals.')
    .requiredOption('--as <nickname>', 'who you are; the first time makes an agent')
    .option('--to <nickname or key>', 'whom you write to')
    .option('--url <url>', 'the service, of any node', urlOf, 'http://127.0.0.1:3000')
    .addOption(
      new Option('--placement <name>', 'where messages live').choices(PLACEMENTS).default('pairwise-dht'),
    )
    .option('--data <folder>', 'where the chat keeps which agents are yours', '.data/chat')
    .addHelpText(
      'after',
      '\nIt asks for the passphrase, or takes MUSUBI_PASSPHRASE. /help lists its commands.',
    )
    .exitOverride(({ exitCode }) => {
      process.exit(exitCode === 0 ? 0 : MISUNDERSTOOD);
    });
  return command.parse(words, { from: 'user' }).opts<ChatArguments>();
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('expected http://… or https://…');
  return text.replace(/\/+$/, '');
}
