// Compiles the plugin into plugins/nx-study/dist, as it is published.
import { execFileSync } from 'node:child_process';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const plugin = join(import.meta.dirname, '../plugins/nx-study');
const compiler = join(import.meta.dirname, '../node_modules/.bin/tsc');
const fresh = join(plugin, `dist-${process.pid}`);

try {
  execFileSync(compiler, ['-p', join(plugin, 'tsconfig.json'), '--outDir', fresh], { stdio: 'inherit' });
  // The compiler copies no JSON.
  cpSync(join(plugin, 'src'), fresh, { recursive: true, filter: (path) => !path.endsWith('.ts') });
  rmSync(join(plugin, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(plugin, 'dist'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
