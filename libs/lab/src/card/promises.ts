import { aucOf, byteSize, counted } from '../page/numbers.js';
import { type CardObserver, type CardPlacement, type CardReport } from './card-report.js';
import { type Traits } from './card.schema.js';

/** Has keys of its own: what it reads and knows is meant for it. */
const CONVERSANT = 'conversant';

function outsidersOf({ observers }: CardPlacement): readonly CardObserver[] | null {
  return observers?.filter(({ observer }) => observer !== CONVERSANT) ?? null;
}

/** What others than the two can read. */
export function visibilityOf(placement: CardPlacement): Traits['visibility'] {
  const outsiders = outsidersOf(placement);
  const crawler = outsiders?.find(({ observer }) => observer === 'crawler');
  if (outsiders === null || crawler === undefined) return null;
  const parties = outsiders.map(({ observer, canariesFound, bodyBytes }) => {
    return { party: observer, textsRead: canariesFound, bodyBytes };
  });
  const [texts, textsRead] = [crawler.canariesPlanted, Math.max(...parties.map((one) => one.textsRead))];
  const read = textsRead === 0 ? 'none' : `up to ${textsRead}`;
  const held = crawler.bodyBytes === 0 ? 'no bodies' : `${byteSize(crawler.bodyBytes)} of bodies`;
  const sentence = `Of ${counted(texts, 'text')}, others than the two could read ${read}; a crawler holds ${held}.`;
  return { sentence, figures: { textsRead, parties }, samples: { texts } };
}

/** Who can tell who talks to whom. */
export function exposureOf(
  placement: CardPlacement,
  prior: CardReport['controls']['volume'],
): Traits['exposure'] {
  const outsiders = outsidersOf(placement);
  if (outsiders === null) return null;
  const parties = outsiders.map(({ observer, graph: { auc, aucInterval }, attacks }) => {
    const [best] = attacks.toSorted((one, other) => other.auc - one.auc);
    return { party: observer, auc, aucInterval, strongest: best?.attack ?? null };
  });
  const { pairs, truePairs, auc, aucInterval } = prior;
  const told = ['crawler', 'whole-disk'].flatMap((name) => {
    const party = parties.find((one) => one.party === name);
    if (party === undefined) return [];
    return [`${name} ${party.strongest === null ? 'nothing to go by' : aucOf(party)}`];
  });
  const sentence =
    `Which ${truePairs} of ${counted(pairs, 'pair')} talk, by AUC: ${told.join(', ')}; ` +
    `volume alone ${aucOf(prior)}, guessing 0.50.`;
  return { sentence, figures: { volume: { auc, aucInterval }, parties }, samples: { pairs, truePairs } };
}

/** What became of the messages, also under faults. */
export function durabilityOf({ integrity, faults }: CardPlacement): Traits['durability'] {
  const { messages, acknowledged, lost, doubled, phantom, orphan, chainFaults } = integrity;
  const sum = (kind: 'messages' | 'lost' | 'doubled' | 'phantom'): number =>
    (faults ?? []).reduce((all, one) => all + one[kind], 0);
  const suffered = {
    kinds: faults?.length ?? 0,
    lost: sum('lost'),
    doubled: sum('doubled'),
    phantom: sum('phantom'),
  };
  const plain = `Of ${counted(acknowledged, 'acknowledged message')}, ${lost} lost, ${doubled} doubled, ${phantom} phantom`;
  const harsh =
    `under ${counted(suffered.kinds, 'kind')} of faults, ${suffered.lost}, ${suffered.doubled} and ` +
    `${suffered.phantom} of ${sum('messages')}`;
  return {
    sentence: faults === null ? `${plain}.` : `${plain}; ${harsh}.`,
    figures: {
      ...{ acknowledged, lost, doubled, phantom, orphan, chainFaults },
      underFaults: faults === null ? null : suffered,
    },
    samples: { messages, messagesUnderFaults: sum('messages') },
  };
}
