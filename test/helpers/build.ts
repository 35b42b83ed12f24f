import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** End-to-end tests run the plugin as it is published. */
export default function build(): void {
  // `npm test` has built it, and runs other parts with it meanwhile.
  if (process.env['NX_STUDY_BUILT']) return;
  execFileSync(process.execPath, [join(import.meta.dirname, '../../tools/build.mjs')], { stdio: 'inherit' });
}
