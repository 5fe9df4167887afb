/** What files cost on one placement, and what each party learns of them. */
export interface FilesReport {
  readonly variant: string;
  readonly files: number;
  /** Of all of them together. */
  readonly fileBytes: number;
  /** For each byte of a file, beyond what a text message takes: stored by all together, and carried by calls. */
  readonly storedPerByte: number;
  readonly wirePerByte: number;
  readonly rowsPerFile: number;
  readonly callsPerFile: number;
  readonly observers: readonly FileObserverReport[];
}

export interface FileObserverReport {
  readonly observer: string;
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
