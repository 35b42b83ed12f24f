// Runs all checks and tests; says how long each part took, and ends with one line: N passed, N failed. `--quick` leaves out the long ones.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const quick = process.argv.includes('--quick');
// They install packages, wait for files to be old enough, or run what is a check of its own.
const SLOW = [
  'assets/fetch',
  'assets/hash',
  'assets/packages',
  'environment/npm',
  'environment/prepare',
  'commands/report/csv-r',
  'study/editor',
];
const RUFF = ['-m', 'ruff'];
// The second one is for the worker whose libraries are written for a later Python.
const MYPY = ['-m', 'mypy', '--config-file', '../mypy.ini'];
const LATER_PYTHON = ['--python-version', '3.12', '--package', 'ideal_point'];
const PYTHON_CODE = ['..', '../../tools', '../../test'];
// A fixed place, so that a run that is killed leaves nothing new.
const scratch = join(import.meta.dirname, '../node_modules/.cache/nx-study-test');
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const begin = performance.now();
const parts = [];
const counts = { passed: 0, failed: 0 };

await checks([
  ['lint', 'npx', ['oxlint', '--type-aware', '--deny-warnings']],
  ['format', 'npx', ['oxfmt', '--check']],
  ['types', 'npx', ['tsc', '-p', 'tsconfig.json']],
  ['generated files', 'node', ['tools/schemas.mjs', '--check']],
  ['committed plans', 'npx', ['nx', 'sync:check'], { NX_DAEMON: 'false' }],
]);
await checks([['build', 'node', ['tools/build.mjs']]]);
await checks([
  ['python lint', 'node', ['tools/python.mjs', 'ideal-point', ...RUFF, 'check', ...PYTHON_CODE]],
  ['python format', 'node', ['tools/python.mjs', 'ideal-point', ...RUFF, 'format', '--check', ...PYTHON_CODE]],
  ['python types', 'node', ['tools/python.mjs', 'ideal-point', ...MYPY]],
  ['python types of ideal-point', 'node', ['tools/python.mjs', 'ideal-point', ...MYPY, ...LATER_PYTHON]],
]);
const left = quick ? SLOW.map((name) => `--exclude=test/unit/${name}.test.ts`) : [];
vitest('unit', ['--project', 'unit', ...left]);
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

/** Runs commands, two at a time; each of them counts as one test. */
async function checks(commands) {
  const waiting = [...commands];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(...next);
  };
  await Promise.all([lane(), lane()]);
}

async function check(title, command, args, env = {}) {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  console.log(`${head(title, command, args)}\n${output.trimEnd()}`);
  note(title, started);
  count(ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** Runs a command on this terminal; true when it succeeded. */
function run(title, command, args) {
  console.log(head(title, command, args));
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  note(title, started);
  return status === 0;
}

function head(title, command, args) {
  return `\n── ${title}: ${[command, ...args].join(' ')}`;
}

function note(title, since) {
  parts.push({ title, seconds: (performance.now() - since) / 1000 });
}

function table() {
  const rows = [...parts, { title: 'all', seconds: (performance.now() - begin) / 1000 }];
  return rows.map(({ title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${title}`).join('\n');
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
