import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from './support/command.js';

let command: Command;
beforeEach(async () => {
  command = await Command.open();
});
afterEach(() => command.close());

/** Names of files stand for files that each test writes. */
const FILES = {
  'bad.csv': 'from,to,at\na,b,10\nb;a;20\n',
  'bad.yml': 'faults:\n  - kind: delay\n    ms: [1\n',
  'rain.yml': 'faults:\n  - kind: rain\n',
  'nobody.yml': 'faults:\n  - kind: not-sent\n    to: 24\n',
  'a-file': '',
} as const;

describe('npm run compare refuses in one line, and writes nothing,', () => {
  it.each<[string, readonly string[], string]>([
    ['an unknown variant', ['--variants', 'carrier-pigeon'], 'There is no variant carrier-pigeon.'],
    ['an unknown strategy', ['--strategies', 'post'], 'There is no strategy post.'],
    ['an unknown workload', ['--workload', 'rain'], '--workload must be one of pair, '],
    ['a negative count', ['--messages=-3'], '--messages must be 1 at least'],
    ['a line of a trace', ['--trace', 'bad.csv'], 'Line 3 of the trace is not "from,to,at": "b;a;20"'],
    ['a trace that is not there', ['--trace', 'none.csv'], 'cannot be read.'],
    ['a fault plan that is no YAML', ['--faults', 'bad.yml'], 'is no YAML at line 4: '],
    ['a fault of no kind', ['--faults', 'rain.yml'], 'is not valid at faults.0.kind: '],
    ['a fault of nobody', ['--faults', 'nobody.yml'], 'is not valid at faults.0.to: there is no agent 24'],
    ['a folder that is a file', ['--out', 'a-file/out'], 'a-file/out cannot be written.'],
    ['to resume what is not there', ['--resume'], 'There is no report '],
  ])('%s', async (_, given, line) => {
    for (const [name, text] of Object.entries(FILES)) await command.file(name, text);
    const located = given.map((word) => (word.startsWith('-') ? word : locate(word)));

    const { code, stdout, stderr } = await command.run(['--out', command.path('out'), ...located]);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([existsSync(command.path('out')), await command.left()]).toEqual([false, []]);
  });
});

/** A word that looks like a file's name is one of this test. */
function locate(word: string): string {
  return /\.(csv|yml)$|^a-file/.test(word) ? command.path(word) : word;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const SMALL = [
  '--variants',
  'source-chain,pairwise-dht',
  '--agents',
  '4',
  '--messages',
  '40',
  '--parts',
  'cost',
];

describe('npm run compare -- --verify', () => {
  const asked = (variant: string): readonly string[] => [
    ...['--verify', '--variants', variant, '--workload', 'pair', '--messages', '4', '--parts', 'declared'],
    ...['--out', command.path('out')],
  ];

  it('is content where figures bear the guarantees out', async () => {
    const { code, stderr } = await command.run(asked('source-chain'));

    expect([code, stderr]).toEqual([0, expect.not.stringContaining('guarantee')]);
  });

  it('fails, and says why, where the guarantees of a variant could not be tested; its report is written', async () => {
    const plan = await command.file('plan.yml', 'faults: [{ kind: not-sent }]');
    const { code, stderr } = await command.run([...asked('source-chain/post-commit'), '--faults', plan]);

    expect(code).toBe(1);
    expect(stderr).toContain(
      'source-chain/post-commit: no guarantee was tested, since integrity failed: lost',
    );
    expect(await command.report()).toMatchObject({
      placements: [{ integrity: { lost: 4 }, declared: null }],
    });
  });
});

describe('npm run compare that is stopped with Ctrl-C', () => {
  it('writes what it has, leaves nothing behind, and can be resumed with the same parameters only', async () => {
    const asked = [...SMALL, '--out', command.path('out')];
    const servers: number[] = [];
    const stopped = await command.run(asked, {
      says: 'pairwise-dht: messages',
      then: (child) => {
        // From the terminal, and from npm.
        servers.push(command.serverPid());
        child.kill('SIGINT');
        child.kill('SIGINT');
      },
    });
    const partial = await command.report();

    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain('stopped: this report is partial');
    expect(partial).toMatchObject({ isPartial: true, placements: [{ variant: 'source-chain' }] });
    expect(await command.left()).toEqual([]);
    expect(servers.map(isRunning)).toEqual([false]);

    const other = await command.run([...asked, '--seed', '2', '--resume']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('was made with other seed')]);
    expect(await command.report()).toEqual(partial);

    const resumed = await command.run([...asked, '--resume']);
    const whole = await command.report();
    expect([resumed.code, resumed.stderr]).toEqual([
      0,
      expect.not.stringContaining('source-chain: messages'),
    ]);
    expect(whole).toMatchObject({
      isPartial: false,
      placements: [{ variant: 'source-chain' }, { variant: 'pairwise-dht' }],
    });

    const again = await command.run([...asked, '--resume']);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('there is nothing to resume')]);
  });
});
