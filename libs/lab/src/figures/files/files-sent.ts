import { quantile } from '@musubi/observers';
import { type FilesSent } from '../../report/files-report.js';
import { FILE_KINDS, type Workload, fileSendsOf } from '../../workloads/workload.js';
import { differentOf } from './file-exposure.js';

/** The files of a workload; `null` where it has none. */
export function filesSentIn(workload: Workload): FilesSent | null {
  const files = fileSendsOf(workload).map(({ file }) => file);
  if (files.length === 0) return null;
  return {
    messages: files.length,
    files: differentOf(files).length,
    bytes: files.reduce((all, { bytes }) => all + bytes, 0),
    kinds: FILE_KINDS.flatMap((kind) => {
      const sizes = files.filter((file) => file.kind === kind).map(({ bytes }) => bytes);
      return sizes.length === 0 ? [] : [{ kind, messages: sizes.length, medianBytes: quantile(sizes, 0.5) }];
    }),
  };
}
