import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** End-to-end tests run the plugin as it is published. */
export default function build(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../tools/build.mjs')], { stdio: 'inherit' });
}
