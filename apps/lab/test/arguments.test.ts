import { describe, expect, it } from '@jest/globals';
import { UsageError, VARIANTS } from '@musubi/lab';
import { compareHelp, parseCompareArguments } from '../src/cli/arguments.js';

describe('what a comparison is asked for', () => {
  it('is everything, where nothing is said', () => {
    const { variants, workload, concurrency } = parseCompareArguments([]);

    expect([variants, workload, concurrency]).toEqual([VARIANTS, 'small-world', [1, 8, 32]]);
  });

  it('can be some variants of some strategies', () => {
    const { variants } = parseCompareArguments([
      '--strategies',
      'source-chain',
      '--variants',
      'source-chain/veto',
    ]);

    expect(variants.map(({ name }) => name)).toEqual(['source-chain/veto']);
  });

  it('may be help, in which every option stands once', () => {
    expect(parseCompareArguments(['--help']).isHelp).toBe(true);
    for (const option of ['--workload', '--write-trace', '--resume', '--help']) {
      expect(compareHelp().split(`\n  ${option}`)).toHaveLength(2);
    }
    expect(compareHelp()).toContain('Exit codes: 0');
  });

  it.each([
    [['--variants', 'carrier-pigeon'], 'There is no variant carrier-pigeon.'],
    [['--strategies', 'post'], 'There is no strategy post.'],
    [['--strategies', 'global-dht', '--variants', 'pairwise-dht'], 'No variant is left'],
    [['--messages=-3'], '--messages must be 1 at least'],
    [['--agents', 'many'], '--agents must be a whole number'],
    [['--concurrency', '1,x'], '--concurrency must be whole numbers'],
    [['--workload', 'rain'], '--workload must be one of'],
    [['--parts', 'load,weather'], '--parts must be some of observers'],
    [['--verify', '--parts', 'load'], '--verify needs the part declared.'],
    [['--trace', 'a.csv', '--agents', '9'], '--agents means nothing beside --trace.'],
    [['--workload', 'pair', '--trace', 'a.csv'], '--workload means nothing beside --trace.'],
    [['--compress', '60'], '--compress needs --trace.'],
    [['--nonsense'], 'unknown option'],
    [['--seed'], 'argument missing'],
    [['word'], 'too many arguments'],
  ])('is refused in one line: %j', (given, line) => {
    const parse = (): unknown => parseCompareArguments(given);

    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(line);
    expect(parse).not.toThrow('\n');
  });
});
