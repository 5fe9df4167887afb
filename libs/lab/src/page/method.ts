import { type Section } from './layout.js';
import { markup } from './markup.js';

const DEFINITIONS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'placement, variant',
    'Where messages live; and one choice of its options. All variants run the same workload from the same seed.',
  ],
  [
    'lost',
    'A save was acknowledged, and in the end a side that must have the message does not, though nobody was told that it failed.',
  ],
  ['doubled', 'One side holds the message more than once.'],
  ['phantom', 'The author is shown that a message was delivered, and the recipient does not have it.'],
  [
    'orphan',
    'The recipient has a message, and its author never learns of that. It breaks no promise, and is shown apart.',
  ],
  ['chain fault', 'A gap, a fork or a signature that does not hold on anybody’s chain.'],
  [
    'gate',
    'Where messages were lost, doubled or phantom, or a chain is at fault, nothing else of that variant is measured.',
  ],
  ['conversant', 'One of the two who converse, with its own keys.'],
  [
    'stranger-with-share',
    'An agent that holds what the DHT gives it to hold. That depends on its key, so several are asked, whose keys are drawn: AUC is their mean, with an interval in which one of them lies; of texts found the most of any are shown, and all else is what the one with the median AUC has.',
  ],
  ['crawler', 'A stranger that asks every authority for everything.'],
  ['operator', 'The one who runs a node and reads its database, without the agents’ keys.'],
  [
    'whole-disk',
    'One who has the disks of all nodes all along: the rows, how long they are and how they lie, their transactions, and when the write-ahead log says that these were committed.',
  ],
  ['wiretap', 'One who sees the remote calls: their two ends, times and lengths.'],
  [
    'AUC',
    'The chance that an observer scores a pair that wrote above one that did not: 0.5 is guessing, 1 is knowing. Its 95 % interval is a bootstrap’s.',
  ],
  [
    'attack, clue',
    'One way to tell pairs: by rows that name both or share a value; by rows of a length that few have, which padding leaves to texts over some 250 characters; by rows that lie side by side; by how many rows there are of each agent (volume); or only by who writes soon after whom. Soon is within a second by the times that stand in rows; for the whole disk within two transactions of agents, since an act of sending is three, and within a second by the times of its log. Agents’ joining is not counted.',
  ],
  [
    'messages until rank 1',
    'How many messages had been sent when an agent’s true peer was scored highest of all, and stayed so.',
  ],
  ['base rate', 'The share of all pairs that wrote to one another: the precision of guessing.'],
  [
    'volume alone',
    'A score that knows only how much each agent writes and is written to (degree times degree). An observer that does no better learns nothing from the placement.',
  ],
  ['uniform, leaky', 'Scores that see nothing, and everything: they show that the measure measures.'],
  [
    'senders at once',
    'The load is open: each act has a start that was intended beforehand, and waiting counts from there.',
  ],
  ['p50, p95, p99', 'Half, 95 % and 99 % of the acts took at most this long.'],
  [
    'head moved',
    'A writer found that somebody else had appended to the chain first, and began again or was refused.',
  ],
  ['rows per pair', 'Rows that the first message of a conversation writes beyond what a later one does.'],
];

const NOT_MODELLED: readonly string[] = [
  'Wide networks: all agents run on one machine; delays between nodes, and their loss, are only there as faults.',
  'Observers with other knowledge: addresses of clients, contacts lists, texts they wrote themselves, or several parties in league.',
  'People: workloads are made from a seed, or replayed from a trace; nobody reacts to what a run does.',
  'Busy servers: a simulation does one thing at a time, so that transactions of one act lie together. Where acts interleave, order tells less.',
  'Delays of the network in simulations: an answer comes microseconds after its call. The window of a second would hold them all the same.',
  'Dead rows, and what else the write-ahead log has beside times; Redis, which the lab does without.',
  'Indexes, replicas and backups: bytes are those of rows alone.',
  'Long times: what weeks of watching would add to what one run gives away.',
];

export function method(): Section {
  const content = markup`<p>A run is a workload, a variant, a plan of faults and a seed. Observers read the stored bytes that such
a party could read, and nothing that a placement says of itself. All figures but times and rates follow from the seed.</p>
<dl class="definitions">${DEFINITIONS.map(([term, meaning]) => markup`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>
<h3>What is not modelled</h3>
<ul>${NOT_MODELLED.map((what) => markup`<li>${what}</li>`)}</ul>`;
  return { id: 'method', heading: 'Method, and words', content };
}
