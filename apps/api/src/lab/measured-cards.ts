import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type CapabilityCard, type CardReport, capabilityCard, parseCardReport } from '@musubi/lab/service';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { type Logger } from 'pino';
import { type Config, ConfigError } from '../config/config.js';
import { ComparisonStore } from './comparison.store.js';
import { VARIANTS } from '../node/strategies.js';

/** What the lab last measured of each placement, in the variant that this service uses. */
export class MeasuredCards {
  private readonly cards = new Map<StrategyName, CapabilityCard>();
  /** The comparisons that cards were made from. */
  private readonly sources = new Map<StrategyName, string>();

  private constructor(private readonly logger: Logger) {}

  /** Of the reports under `DATA_DIR` and the one that `LAB_REPORT` names, the latest. @throws ConfigError */
  static async open(
    config: Pick<Config, 'dataDir' | 'labReport' | 'labComparisons'>,
    logger: Logger,
  ): Promise<MeasuredCards> {
    const cards = new MeasuredCards(logger);
    const named = config.labReport === undefined ? null : await readReport(config.labReport);
    await cards.takeLatest(new ComparisonStore(config));
    if (named !== null) cards.take(named);
    return cards;
  }

  find(strategy: StrategyName): CapabilityCard | null {
    return this.cards.get(strategy) ?? null;
  }

  /** A comparison that has finished. A report that cannot be read is no reason to serve nothing. */
  async takeFrom(store: ComparisonStore, id: string): Promise<void> {
    try {
      const text = await store.read(id, 'report.json');
      if (text !== null) this.take(parseCardReport(text), id);
    } catch (error) {
      this.logger.warn({ comparison: id, error: String(error) }, 'report-unreadable');
    }
  }

  /** The comparisons without which a start would find fewer cards, or older ones, in what is there by now. */
  async sourcesIn(store: ComparisonStore): Promise<ReadonlySet<string>> {
    const found = new MeasuredCards(this.logger);
    await found.takeLatest(store);
    return new Set(found.sources.values());
  }

  private async takeLatest(store: ComparisonStore): Promise<void> {
    for (const id of await store.ids()) {
      if ((await store.find(id))?.status === 'finished') await this.takeFrom(store, id);
      if (this.cards.size === STRATEGY_NAMES.length) return;
    }
  }

  private take(report: CardReport, source?: string): void {
    for (const strategy of STRATEGY_NAMES) {
      const card = capabilityCard(report, strategy);
      if (card === null || !isDeepStrictEqual(card.options, VARIANTS[strategy])) continue;
      const known = this.cards.get(strategy);
      if (known !== undefined && startOf(known) >= startOf(card)) continue;
      this.cards.set(strategy, card);
      if (source !== undefined) this.sources.set(strategy, source);
    }
  }
}

/** When it was measured, in ms; before all others where it says the future, as only a wrong clock can. */
function startOf({ run }: CapabilityCard): number {
  const start = Date.parse(run.startedAt);
  return start > Date.now() ? -Infinity : start;
}

async function readReport(path: string): Promise<CardReport> {
  try {
    return parseCardReport(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`LAB_REPORT: ${path} is no report of npm run compare: ${reason}.`);
  }
}
