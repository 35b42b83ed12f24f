// Builds the package and publishes it with npm, for `nx release`, which gives it these options. A dry run shows what would be published.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const repository = join(import.meta.dirname, '../..');
const text = { type: 'string' };
const { values } = parseArgs({
  options: { registry: text, tag: text, otp: text, access: text, dryRun: { type: 'boolean' } },
  strict: false,
});
const dryRun = process.env.NX_DRY_RUN === 'true' || values.dryRun !== undefined;
const options = ['registry', 'tag', 'otp', 'access'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}=${String(values[name])}`],
);
const run = (program, ...args) => execFileSync(program, args, { cwd: repository, stdio: 'inherit' });

run('node', 'tools/build.mjs');
run('node', 'tools/package.mjs');
run('npm', 'publish', './plugins/nx-study/dist-package', ...options, ...(dryRun ? ['--dry-run'] : []));
