import { type FilesReport } from '../../src/report/files-report.js';
import { aucOf } from './sample-figures.js';

/** Made up. */
export const FILES: FilesReport = {
  sent: {
    messages: 10,
    files: 9,
    bytes: 1_000_000,
    kinds: [{ kind: 'photo', messages: 10, medianBytes: 100_000 }],
  },
  cost: {
    messages: 10,
    fileBytes: 1_000_000,
    storedPerByte: 2.02,
    wirePerByte: 1.01,
    storedPerMessage: 204_800,
    wirePerMessage: 102_400,
    rowsPerMessage: 7.33,
    callsPerMessage: 3.67,
  },
  parties: [
    {
      observer: 'wiretap',
      parties: 1,
      parts: 10,
      seenPerByte: 1.01,
      lengths: 8,
      contents: 0,
      names: 0,
      types: 0,
      attacks: [{ attack: 'file-parts-name-both', ...aucOf(0.97) }],
    },
  ],
  oneByOne: [
    {
      observer: 'operator',
      files: 9,
      seenPerByte: 2.02,
      sizesTold: 6,
      bytesTold: 0,
      bytePairs: 3,
      named: 2,
      knownWhenPassedOn: 0,
      knownWhenEqual: 0,
      contents: 0,
      names: 0,
      types: 0,
    },
  ],
  faults: [
    {
      fault: 'third chunk not sent',
      messages: 4,
      struck: 1,
      halfThere: 3,
      falselyDelivered: 2,
      arrived: 3,
      lost: 0,
      doubled: 0,
      phantom: 0,
    },
  ],
};
