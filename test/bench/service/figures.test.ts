import { describe, expect, it } from '@jest/globals';
import { p50, p95, p99, quantile } from '../figures.js';
import { UsageError, parseBenchArguments } from './arguments.js';
import { medianOf } from './median.js';
import { parseProfile, partOf, profileFigures, timeByPart } from './profile.js';
import { ticksOf } from './server.js';

describe('quantiles', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('lie between the two values nearest to their place', () => {
    expect([p50(hundred), p95(hundred), p99(hundred), quantile([7], 0.01)]).toEqual([50.5, 95.05, 99.01, 7]);
    expect(() => p50([])).toThrow(RangeError);
  });

  it('make the median of reports figure by figure', () => {
    const reports = [3, 1, 2].map((figure) => ({ name: 'one', list: [{ figure }], none: null }));
    const [first, ...others] = reports;
    if (first === undefined) throw new Error('no report');

    expect(medianOf([first, ...others])).toEqual({ name: 'one', list: [{ figure: 2 }], none: null });
  });
});

describe('arguments', () => {
  it('default to everything, once', () => {
    const settings = parseBenchArguments([]);

    expect(settings).toMatchObject({ runs: 1, memoryActs: 5000, isProfiled: false, writesDocs: false });
    expect(settings?.placements).toHaveLength(3);
    expect(settings?.historySizes.at(-1)).toBe(1_000_000);
  });

  it('choose placements and sizes', () => {
    const words = ['--quick', '--only', 'global-dht,source-chain', '--runs', '5', '--memory-acts', '200000'];

    expect(parseBenchArguments(words)).toMatchObject({
      placements: ['global-dht', 'source-chain'],
      runs: 5,
      memoryActs: 200_000,
      concurrencies: [1, 8, 32],
    });
    expect(parseBenchArguments(['--help'])).toBeNull();
  });

  it.each([['--runs', '0'], ['--runs', 'many'], ['--only', 'nowhere'], ['--fast'], ['more']])(
    'refuse %s %s',
    (...words) => {
      expect(() => parseBenchArguments(words)).toThrow(UsageError);
    },
  );
});

describe('a profile', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url });
  const profile = parseProfile(
    JSON.stringify({
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 4, 5, 6] },
        { id: 2, callFrame: frame('query', 'file:///m/node_modules/pg/lib/client.js'), children: [3] },
        { id: 3, callFrame: frame('writev') },
        { id: 4, callFrame: frame('(idle)') },
        { id: 5, callFrame: frame('(garbage collector)') },
        { id: 6, callFrame: frame('onread', 'node:internal/stream_base_commons') },
      ],
      samples: [2, 3, 3, 4, 5, 6],
      timeDeltas: [1000, 2000, 3000, 4000, 5000, 6000],
    }),
  );

  it("counts Node's own time for its caller", () => {
    expect(timeByPart(profile)).toMatchObject({ SQL: 6, waiting: 4, collection: 5, Node: 6, crypto: 0 });
  });

  it('is shared out among the acts', () => {
    const { parts, hottest } = profileFigures(profile, 2);

    expect(parts).toMatchObject({ SQL: 3, Node: 3 });
    expect(hottest.find(({ name }) => name === 'writev')).toEqual({ name: 'writev', address: '', ms: 2.5 });
    expect(hottest.at(-1)).toEqual({ name: 'query', address: 'node_modules/pg/lib/client.js', ms: 0.5 });
  });

  it.each([
    ['wasm://wasm/000d89ce', 'crypto'],
    ['file:///m/libs/crypto/dist/hash.js', 'crypto'],
    ['file:///m/node_modules/cborg/lib/encode.js', 'encoding'],
    ['node:inspector/promises', 'probe'],
    ['file:///m/node_modules/zod/v4/core/parse.js', 'validation'],
    ['file:///m/node_modules/pg-protocol/dist/parser.js', 'SQL'],
    ['file:///m/node_modules/typeorm/driver/PostgresDriver.js', 'SQL'],
    ['file:///m/libs/cell/dist/chain/chain.store.js', 'placements'],
    ['file:///m/apps/api/dist/access/token.store.js', 'API'],
    ['file:///m/node_modules/@nestjs/core/router/router-proxy.js', 'HTTP'],
    ['node:_http_server', 'HTTP'],
    ['node:net', null],
  ])('puts %s under %s', (url, part) => {
    expect(partOf(frame('work', url))).toBe(part);
  });
});

describe('CPU time of PostgreSQL', () => {
  const stat = '41 (post gres: 1) S 40 41 41 0 -1 4194560 900 800 0 0 50 7 300 20 20 0 1 0';

  it('is that of its first process with the buried, and of the living children', () => {
    expect(ticksOf(stat, { pid: 41, postmaster: 41 })).toBe(377);
    expect(ticksOf(stat, { pid: 41, postmaster: 40 })).toBe(57);
    expect(ticksOf(stat, { pid: 41, postmaster: 7 })).toBe(0);
    expect(ticksOf('', { pid: 41, postmaster: 7 })).toBe(0);
  });
});
