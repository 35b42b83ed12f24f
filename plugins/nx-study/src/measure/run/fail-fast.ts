import { existsSync, lstatSync, rmSync } from 'node:fs';
import { orNull } from '../../base/errno.ts';
import { hostFile, hostFilesNamed, writeHostFile } from '../../machine/host-file.ts';
import { isSet } from '../../base/switch.ts';

/** Whether something has failed in a run of Nx, which is one process after another, or several at once. */
export interface FailFast {
  noteFailure(): void;
  hasFailed(): boolean;
}

const NEVER: FailFast = { noteFailure() {}, hasFailed: () => false };
const PREFIX = 'failed-run-';
const FORGOTTEN_MS = 7 * 24 * 3600 * 1000;

/** Remembers with `NX_STUDY_FAIL_FAST` only. `nx` is the process of that run; null where it is unknown. */
export function openFailFast(
  nx: { pid: number; start_time: string } | null,
  isOn = isSet(process.env['NX_STUDY_FAIL_FAST']),
): FailFast {
  if (!isOn) return NEVER;
  const name = nx === null ? null : `${PREFIX}${nx.pid}-${nx.start_time.replaceAll(/\W/g, '_')}`;
  let failed = false;
  return {
    noteFailure() {
      if (failed) return;
      failed = true;
      removeOld();
      if (name !== null) writeHostFile(name, {});
    },
    hasFailed: () => (failed ||= name !== null && existsSync(hostFile(name))),
  };
}

function removeOld(): void {
  for (const path of hostFilesNamed(PREFIX))
    orNull(() => Date.now() - lstatSync(path).mtimeMs > FORGOTTEN_MS && rmSync(path));
}
