import { type AttackReport } from './attack-report.js';

/** What files cost on one placement, what each party learns of them, and whether they arrive whole. */
export interface FilesReport {
  readonly sent: FilesSent;
  readonly cost: FileCostReport | null;
  /** What each party makes of all files of the workload, when it is over. */
  readonly parties: readonly FilePartyReport[] | null;
  /** What it learns of single files of sizes that were chosen, in a run of its own. */
  readonly oneByOne: readonly FileObserverReport[] | null;
  readonly faults: readonly FileFaultReport[] | null;
}

/** The files of a workload. */
export interface FilesSent {
  /** That carry a file. */
  readonly messages: number;
  /** Different ones: some are passed on. */
  readonly files: number;
  /** Of all messages' files. */
  readonly bytes: number;
  readonly kinds: readonly {
    readonly kind: string;
    readonly messages: number;
    readonly medianBytes: number;
  }[];
}

/** What the messages took beyond what the same messages take as texts alone, with everything that belongs to the file. */
export interface FileCostReport {
  readonly messages: number;
  readonly fileBytes: number;
  /** For each byte of a file: stored by all together, and carried by calls and their replies. */
  readonly storedPerByte: number;
  readonly wirePerByte: number;
  /** For each message with a file. */
  readonly storedPerMessage: number;
  readonly wirePerMessage: number;
  readonly rowsPerMessage: number;
  readonly callsPerMessage: number;
}

/** What stands in bodies, or goes over the wire, in one piece of 8 KiB or more is a part of a file. */
export interface FilePartyReport {
  readonly observer: string;
  /** How many of the kind looked. Areas are means, counts are of the one that sees most. */
  readonly parties: number;
  readonly parts: number;
  /** Bytes of parts, for each byte of a file. */
  readonly seenPerByte: number;
  /** How many different lengths parts have. */
  readonly lengths: number;
  /** Files whose content, name and type it reads. */
  readonly contents: number;
  readonly names: number;
  readonly types: number;
  /** Who sent whom a file, by one thing alone that parts show. */
  readonly attacks: readonly AttackReport[];
}

export interface FileObserverReport {
  readonly observer: string;
  readonly files: number;
  /** By how many bytes its view grows for each byte of a file, beyond a text message: 0 for who sees no file at all. */
  readonly seenPerByte: number;
  /**
   * Into how many kinds what it sees divides the files, all of which have different sizes. `null` for who sees some parts of
   * them, by chance.
   */
  readonly sizesTold: number | null;
  /** How many of the pairs of files it tells apart whose sizes differ by one byte. */
  readonly bytesTold: number | null;
  readonly bytePairs: number;
  /** Agents whose keys stand beside a part of a file, on the average; two hold it. */
  readonly named: number;
  /** Parts that it sees again when a recipient passes the file on, and when a third one uploads the same bytes. */
  readonly knownWhenPassedOn: number;
  readonly knownWhenEqual: number;
  /** Files whose content, name and type it reads. */
  readonly contents: number;
  readonly names: number;
  readonly types: number;
}

/** Files under one fault. After each message all that were sent so far are looked at. */
export interface FileFaultReport {
  readonly fault: string;
  readonly messages: number;
  /** How often it struck. */
  readonly struck: number;
  /** Looks at a message whose recipient had some of its file, and not all. */
  readonly halfThere: number;
  /** Looks at a message that was shown as delivered, and the recipient did not have every byte. */
  readonly falselyDelivered: number;
  /** When all pending steps have been tried again: shown as delivered, with every byte at the recipient. */
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
  readonly phantom: number;
}
