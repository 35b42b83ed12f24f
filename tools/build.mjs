// Compiles the plugin into plugins/nx-study/dist, as it is published.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const plugin = join(import.meta.dirname, '../plugins/nx-study');
const compiler = join(import.meta.dirname, '../node_modules/.bin/tsc');

rmSync(join(plugin, 'dist'), { recursive: true, force: true });
execFileSync(compiler, ['-p', join(plugin, 'tsconfig.json')], { stdio: 'inherit' });
// The compiler copies no JSON.
cpSync(join(plugin, 'src'), join(plugin, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
