// Runs checks and tests; says how long each part took and what failed, and ends with one line: N passed, N failed.
// Usage: node tools/test.mjs [--quick | --long]: all but the long ones; without the slow ones too; or the long ones alone.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { failureText, failuresOfVitest, lastLines, resultsOfPytest } from './failures.mjs';

const quick = process.argv.includes('--quick');
const long = process.argv.includes('--long');
// They install packages, wait for files to be old enough or for processes to end, send requests for seconds, try hundreds of made-up studies, or
// run what is a check of its own.
const SLOW = [
  'assets/fetch',
  'assets/hash',
  'assets/packages',
  'check/run',
  'commands/doctor/sizes',
  'commands/promote/study-change',
  'commands/report/llmd/package',
  'environment/npm',
  'environment/prepare',
  'graph/content',
  'kinds/llm-inference/flow',
  'kits/docs',
  'kits/protocol',
  'machine/awake',
  'machine/guard',
  'machine/lock',
  'machine/temporary',
  'machine/tree',
  'measure/cooling/cool-down',
  'measure/run/run',
  'measure/slurm/settle',
  'state/views',
  'study/editor',
  'tables/csv-r',
  'tables/readers',
  'workers/endpoint/contents',
  'workers/endpoint/embeddings',
  'workers/endpoint/exact',
  'workers/endpoint/grammar',
  'workers/endpoint/limit',
  'workers/endpoint/load/loops',
  'workers/endpoint/omission',
  'workers/endpoint/requests',
  'workers/endpoint/server',
  'workers/endpoint/threads/threads',
  'workers/endpoint/truth',
];
const RUFF = ['-m', 'ruff'];
// The second one is for the code whose libraries are written for a later Python.
const MYPY = ['-m', 'mypy', '--config-file', '../mypy.ini'];
const LATER_PYTHON = [
  '--python-version',
  '3.12',
  '--package',
  'ideal_point',
  '--package',
  'nx_study_posterior',
  '--package',
  'pymc_worker',
];
const NOT_SLOW = ['-m', 'not slow'];
const PYTHON_CODE = ['..', '../../tools', '../../test'];
const root = join(import.meta.dirname, '..');
// A fixed place, so that a run that is killed leaves nothing new.
const scratch = join(root, 'node_modules/.cache/nx-study-test');
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const begin = performance.now();
const parts = [];
const counts = { passed: 0, failed: 0 };
const failures = [];

await check('build', 'node', ['tools/build.mjs']);
// Most tests wait for processes: both lanes together take little longer than the longer one of them.
await (long ? longTests() : Promise.all([firstLane(), secondLane()]));

rmSync(scratch, { recursive: true, force: true });
console.log(table());
if (failures.length > 0) console.log(failureText(failures));
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function longTests() {
  await vitest('long', ['--project', 'long']);
  for (const worker of ['ideal-point', 'pymc', 'transformers']) await python(worker, ['-m', 'long']);
}

/** Tests of TypeScript, shown while they run. */
async function firstLane() {
  const left = quick ? SLOW.map((name) => `--exclude=test/unit/${name}.test.ts`) : [];
  // One less than usual: the other lane runs beside it.
  await vitest('unit', ['--project', 'unit*', '--maxWorkers=2', ...left]);
  // So that both lanes of a quick run take about as long.
  await (quick ? python('pymc', NOT_SLOW) : vitest('end to end', ['--project', 'e2e']));
}

/** All else, shown part by part, each when it has ended. */
async function secondLane() {
  await check('lint', 'npx', ['oxlint', '--type-aware', '--deny-warnings']);
  await check('format', 'npx', ['oxfmt', '--check']);
  await check('types', 'npx', ['tsc', '-p', 'tsconfig.json']);
  await check('generated files', 'node', ['tools/schemas.mjs', '--check']);
  await check('committed plans', 'npx', ['nx', 'sync:check'], { NX_DAEMON: 'false' });
  await checkPython('lint', [...RUFF, 'check', ...PYTHON_CODE]);
  await checkPython('format', [...RUFF, 'format', '--check', ...PYTHON_CODE]);
  if (!quick) {
    await checkPython('types', MYPY);
    await checkPython('types of posteriors', [...MYPY, ...LATER_PYTHON]);
  }
  await python('ideal-point', quick ? NOT_SLOW : []);
  if (!quick) await python('pymc', []);
  for (const worker of ['vllm', 'tensorrt-llm', 'sglang']) await python(worker, []);
  // Its tests need no more than those of this worker.
  await python('vllm', ['../../tools/gpu-check/tests'], 'gpu-check');
  // Its environment takes longer to make than a quick run may.
  if (quick) return;
  await check('model', 'node', ['tools/fetch.mjs', 'smollm2-135m-instruct-q4_1']);
  await python('transformers', []);
}

function checkPython(what, args) {
  return check(`python ${what}`, 'node', ['tools/python.mjs', 'ideal-point', ...args]);
}

/** Runs a command that counts as one test. */
async function check(title, command, args, env = {}) {
  const { ok, output } = await run({ title, command, args, env });
  if (!ok) failures.push({ part: title, name: [command, ...args].join(' '), message: lastLines(output) });
  count(ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** Whether a command succeeded, and its output. This is shown as it comes where it is `live`, else when it has ended. */
async function run({ title, command, args, env = {}, live = false }) {
  const started = performance.now();
  const shown = head(title, command, args);
  if (live) console.log(shown);
  const colors = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { stdio, env: { ...process.env, NX_STUDY_BUILT: 'yes', ...colors, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data) => {
      output += data;
      if (live) process.stdout.write(data);
    });
  }
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  if (!live) console.log(`${shown}\n${output.trimEnd()}`);
  note(title, started);
  return { ok, output };
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

async function vitest(title, args) {
  const report = join(scratch, `${title}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const ended = await run({ title, command: 'npx', args: ['vitest', 'run', ...args, ...reporters], live: true });
  take(title, ended, () => {
    const found = JSON.parse(readFileSync(report, 'utf8'));
    parts.push(...longestFiles(found.testResults));
    return {
      passed: found.numPassedTests,
      failed: found.numFailedTests,
      failures: failuresOfVitest(title, found, (file) => relative(root, file)),
    };
  });
}

/** Those from a minute on, so that growth is seen. They run beside each other. */
function longestFiles(results) {
  return results
    .map(({ name, startTime, endTime }) => ({
      title: `  ${relative(root, name)}`,
      seconds: (endTime - startTime) / 1000,
    }))
    .filter(({ seconds }) => seconds >= 60)
    .toSorted((a, b) => b.seconds - a.seconds);
}

/** A Python worker has tests of its own, in an environment made from its own lock. */
async function python(worker, select, title = worker) {
  const report = join(scratch, `${title}.xml`);
  const pytest = ['-m', 'pytest', `--junit-xml=${report}`, ...select];
  const args = ['tools/python.mjs', worker, ...pytest];
  const ended = await run({ title: `python ${title}`, command: 'node', args });
  take(`python ${title}`, ended, () => resultsOfPytest(`python ${title}`, readFileSync(report, 'utf8')));
}

/** Counts what a runner's report says. A runner that fails without a failed test (a crash, no tests at all) must not look green. */
function take(part, { ok, output }, read) {
  const found = reportOf(read);
  const unexplained = found.failures.length === 0 && (!ok || found.failed > 0);
  failures.push(...found.failures);
  if (unexplained) failures.push({ part, name: 'failed without a failed test', message: lastLines(output, 30) });
  count({ passed: found.passed, failed: ok ? found.failed : Math.max(1, found.failed) });
}

function reportOf(read) {
  try {
    return read();
  } catch {
    return { passed: 0, failed: 1, failures: [] };
  }
}

function count({ passed, failed }) {
  counts.passed += passed;
  counts.failed += failed;
}
