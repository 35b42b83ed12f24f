// Runs all checks and tests; says how long each part took, and ends with one line: N passed, N failed. `--quick` leaves out the long ones.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const quick = process.argv.includes('--quick');
const RUFF = ['-m', 'ruff'];
const PYTHON_CODE = ['..', '../../tools', '../../test'];
// A fixed place, so that a run that is killed leaves nothing new.
const scratch = join(import.meta.dirname, '../node_modules/.cache/nx-study-test');
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const parts = [];
const counts = { passed: 0, failed: 0 };

check('lint', 'npx', ['oxlint', '--type-aware', '--deny-warnings']);
check('format', 'npx', ['oxfmt', '--check']);
check('types', 'npx', ['tsc', '-p', 'tsconfig.json']);
check('generated files', 'node', ['tools/schemas.mjs', '--check']);
check('committed plans', 'npx', ['nx', 'sync:check'], { NX_DAEMON: 'false' });
check('build', 'node', ['tools/build.mjs']);
check('python lint', 'node', ['tools/python.mjs', 'ideal-point', ...RUFF, 'check', ...PYTHON_CODE]);
check('python format', 'node', ['tools/python.mjs', 'ideal-point', ...RUFF, 'format', '--check', ...PYTHON_CODE]);
vitest('unit', ['--project', 'unit']);
python('ideal-point', quick ? ['-m', 'not slow'] : []);
for (const worker of ['vllm', 'tensorrt-llm']) python(worker, []);
if (!quick) {
  vitest('end to end', ['--project', 'e2e']);
  // Its tests read the model that the end-to-end ones have fetched; its environment takes longer to make than a quick run may.
  python('transformers', []);
}

rmSync(scratch, { recursive: true, force: true });
console.log(table());
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** Runs a command on this terminal; true when it succeeded. */
function run(title, command, args, env = {}) {
  console.log(`\n── ${title}: ${[command, ...args].join(' ')}`);
  const begin = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  parts.push({ title, seconds: (performance.now() - begin) / 1000 });
  return status === 0;
}

function table() {
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = [...parts, { title: 'all', seconds: total }];
  return rows.map(({ title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${title}`).join('\n');
}

function check(title, command, args, env) {
  count(run(title, command, args, env) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

function vitest(title, args) {
  const report = join(scratch, `${title}.json`);
  const ok = run(title, 'npx', [
    'vitest',
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
  ]);
  count(atLeastOneFailure(ok, () => vitestCounts(report)));
}

function vitestCounts(report) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests };
}

/** A Python worker has tests of its own, in an environment made from its own lock. */
function python(worker, select) {
  const report = join(scratch, `${worker}.xml`);
  const pytest = ['-m', 'pytest', `--junit-xml=${report}`, ...select];
  const ok = run(`python ${worker}`, 'node', ['tools/python.mjs', worker, ...pytest]);
  count(atLeastOneFailure(ok, () => junitCounts(report)));
}

function junitCounts(report) {
  const suite = readFileSync(report, 'utf8').match(/<testsuite [^>]*>/)[0];
  const number = (name) => Number(suite.match(new RegExp(`${name}="(\\d+)"`))?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  return { passed: number('tests') - failed - number('skipped'), failed };
}

// A runner that fails without a failed test (a crash, no tests at all) must not look green.
function atLeastOneFailure(ok, read) {
  try {
    const found = read();
    return ok || found.failed > 0 ? found : { ...found, failed: 1 };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function count({ passed, failed }) {
  counts.passed += passed;
  counts.failed += failed;
}
