// Checks the rules of what engines refuse, workers/<name>/constraints.json, against the engines as they are installed by the
// locks. Without its worker's checks each has to do with a rule's refused example what the rule says (refuse it, change it, allow it),
// and to do the nearest that the rule accepts; the worker has to refuse what is its own to refuse. Tells what has changed, and exits with 1 then.
// Environments that are not there are made. What needs a GPU is not run.
// Usage: node tools/constraints.mjs [--json] [worker …]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

register('@swc-node/register/esm', import.meta.url);
const workspaceRoot = join(import.meta.dirname, '..');
const source = join(workspaceRoot, 'plugins/nx-study/src');
const { readWorkers } = await import(join(source, 'worker/read.ts'));
const { configChecker } = await import(join(source, 'worker/config.ts'));
const { mergeAt, valueAt } = await import(join(source, 'base/path.ts'));
const { isForLocked } = await import(join(source, 'constraints/table.ts'));
const { machineFacts } = await import(join(source, 'machine/compute.ts'));
const { prepareEnvironment } = await import(join(source, 'environment/prepare.ts'));
const { variantOf } = await import(join(source, 'environment/variant.ts'));
const { assetsRoot } = await import(join(source, 'environment/cache.ts'));
const { tsx } = await import(join(source, 'environment/tsx.ts'));
const { fetchAsset, placeOf } = await import(join(source, 'assets/fetch.ts'));
const { readAssets } = await import(join(source, 'assets/manifest.ts'));

const words = process.argv.slice(2);
const asJson = words.includes('--json');
const asked = words.filter((word) => word !== '--json');
const workers = [...(await readWorkers(workspaceRoot)).values()].filter(
  ({ name, constraints }) => constraints && (asked.length === 0 || asked.includes(name)),
);
const machine = await machineFacts();
const onProgress = (line) => console.error(line);
const findings = [];
for (const worker of workers) findings.push(...(await findingsOf(worker)));
if (asJson) console.log(JSON.stringify(findings));
else
  for (const { worker, rule, text } of findings) console.log(`${worker}: ${rule === null ? '' : `${rule}: `}${text}`);
process.exitCode = findings.some(({ state }) => state === 'changed') ? 1 : 0;

/** Of each rule whether it was `seen`, has `changed`, or was `not-run`, and the engine's version; `rule` is null for the table. */
async function findingsOf(worker) {
  const { name, manifest, root, constraints } = worker;
  const { engine, locked, rules } = constraints;
  const finding = (rule, state, text, version = null) => ({ worker: name, rule, state, version, text });
  const runnable = manifest.environment.type === 'container' ? [] : rules.filter(isForThisMachine);
  const answers = runnable.length === 0 ? [] : await ask(worker, runnable);
  const ofTable = `the rules are for ${engine.name} ${engine.versions}, and the locks have ${locked.join(' and ') || 'none'}`;
  return [
    ...(isForLocked(constraints, `${root}/${manifest.constraints}`) ? [] : [finding(null, 'changed', ofTable)]),
    ...runnable.map((rule, index) => {
      const { did, changes, version } = judged(rule, answers[index]);
      return finding(rule.id, changes.length > 0 ? 'changed' : 'seen', [did, ...changes].join('. '), version);
    }),
    ...rules
      .filter((rule) => !runnable.includes(rule))
      .map(({ id }) => finding(id, 'not-run', 'not run, it needs another machine')),
  ];
}

/** Whether the facts of a rule's examples are those of this machine, and of a model that can be made. */
function isForThisMachine({ examples: { machine: wanted, model } }) {
  return Object.keys(model).length === 0 && Object.entries(wanted).every(([fact, value]) => machine[fact] === value);
}

/** What the engine did with the examples of a rule, and in what that differs from the rule. */
function judged({ engine, worker, examples }, { direct, neighbour, byWorker }) {
  const { does, seen, says, instead } = engine;
  const did = direct.refused === null ? doneWith(instead, direct.done) : `refused, ${inShort(direct.refused)}`;
  // Builds of one version, such as +cpu, are in locks of their own.
  const version = neighbour.done?.version.split('+')[0] ?? null;
  const changes = [];
  if (does === 'refuses' && direct.refused === null) changes.push('The engine does what the rule says it refuses');
  if (does === 'refuses' && direct.refused !== null && !direct.refused.includes(says ?? ''))
    changes.push('The engine refuses it for another reason');
  if (does !== 'refuses' && direct.refused !== null) changes.push('The engine refuses it now');
  if (does !== 'refuses' && direct.refused === null) {
    const asAsked = Object.entries(examples.refused).filter(([setting]) => setting in direct.done);
    const expected = does === 'changes' ? Object.entries(instead) : asAsked;
    if (expected.length === 0) changes.push('Nothing of it can be read back');
    for (const [setting, value] of expected)
      if (direct.done[setting] !== value)
        changes.push(`\`${setting}\` is ${direct.done[setting]}, and not ${JSON.stringify(value)}`);
  }
  if (neighbour.refused !== null) changes.push(`The rule's neighbour is refused, too: ${neighbour.refused}`);
  if (worker !== undefined && byWorker.refused === null) changes.push('The worker does not refuse it');
  if (seen !== version && version !== null) changes.push(`Set \`seen\` to "${version}"`);
  return { did, changes, version };
}

function doneWith(instead = {}, done) {
  const changed = Object.fromEntries(Object.keys(instead).map((setting) => [setting, done[setting]]));
  return Object.keys(changed).length === 0 ? 'done, as asked' : `done, with ${JSON.stringify(changed)}`;
}

function inShort(words) {
  return words.replaceAll(/\s+/g, ' ').slice(0, 200);
}

/** Of each rule what was done with the refused example by the engine alone (`direct`) and with its worker, and with the accepted one. */
async function ask(worker, rules) {
  const { constraints } = worker;
  const questions = [];
  const question = async ({ examples: { packages } }, settings, by_worker) => {
    const configuration = await complete(worker, mergeAt({ of: constraints.base }, ['of'], settings).of);
    questions.push({ configuration, by_worker, packages });
    return questions.length - 1;
  };
  const places = [];
  for (const rule of rules)
    places.push({
      direct: await question(rule, rule.examples.refused, false),
      neighbour: await question(rule, rule.examples.accepted, true),
      ...(rule.worker !== undefined && { byWorker: await question(rule, rule.examples.refused, true) }),
    });
  const answers = await answersOf(worker, questions);
  return places.map((of) => Object.fromEntries(Object.entries(of).map(([name, index]) => [name, answers[index]])));
}

async function answersOf(worker, questions) {
  const { manifest } = worker;
  const variant = variantOf(manifest.environment, { device: 'auto' }, machine.gpus > 0);
  const environment = await prepareEnvironment({ workspaceRoot, worker, variant, onProgress });
  const groups = groupsOf(questions, environment.python ? samePackages : aloneWhereUnchecked);
  const answers = [];
  for (const group of groups) {
    const together = group.map((index) => questions[index]);
    for (const [place, answer] of oneProcess(worker, environment, together).entries()) answers[group[place]] = answer;
  }
  return answers;
}

/** The answers of one process to questions that need the same packages. */
function oneProcess({ name, root, manifest }, { python, modules, cacheDir }, questions) {
  const folder = mkdtempSync(join(tmpdir(), 'constraints-'));
  try {
    const files = ['questions.json', 'answers.json'].map((file) => join(folder, file));
    const asked = questions.map(({ configuration, by_worker }) => ({
      request: requestFor(configuration, cacheDir),
      by_worker,
    }));
    writeFileSync(files[0], JSON.stringify(asked));
    const here = (file) => join(import.meta.dirname, 'constraints', file);
    const [program, ...args] = python
      ? [python, here('engine.py'), name]
      : [process.execPath, '--import', tsx.url, here('llama-cpp.mjs'), name];
    const standIns = Object.entries(questions[0].packages).map(([wanted, version]) => standIn(folder, wanted, version));
    const paths = [join(workspaceRoot, root, 'src'), join(workspaceRoot, 'workers/kits/python'), ...standIns];
    const env = { ...process.env, ...plain(manifest.env), PYTHONPATH: paths.join(':'), WORKER_MODULES: modules ?? '' };
    const run = { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' };
    const { status, signal, stderr } = spawnSync(program, [...args, ...files], run);
    if (signal !== null && questions.length === 1) return [{ refused: `ended by ${signal}` }];
    if (status !== 0) throw new Error(`${name}: its engine could not be asked: ${String(stderr).slice(-2000)}`);
    return JSON.parse(readFileSync(files[1], 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A package is there for a whole process, or not. */
function samePackages({ packages }) {
  return JSON.stringify(packages);
}

/** llama.cpp ends its process where it knows no better, and logs for the first model of a process only. */
function aloneWhereUnchecked({ by_worker }, index) {
  return by_worker ? 'together' : index;
}

/** Places of questions that one process may answer: those with the same key. */
function groupsOf(questions, keyOf) {
  const groups = new Map();
  for (const [index, question] of questions.entries()) {
    const key = keyOf(question, index);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return [...groups.values()];
}

/** A Python package with nothing in it: enough for an engine that asks whether it is there before it looks at the device. */
function standIn(folder, name, version) {
  const module = name.replaceAll('-', '_');
  const about = join(folder, `${module}-${version}.dist-info`);
  for (const made of [join(folder, module), about]) mkdirSync(made);
  writeFileSync(join(folder, module, '__init__.py'), `__version__ = "${version}"\n`);
  writeFileSync(join(about, 'top_level.txt'), `${module}\n`);
  writeFileSync(join(about, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  return folder;
}

/** A configuration with the worker's defaults, and the path of its model. */
async function complete(worker, written) {
  const { configuration, problems, assets } = configChecker(worker)(written);
  if (problems.length > 0) throw new Error(`${worker.name}: ${problems[0].message}`);
  const model = assets.length > 0 ? valueAt(configuration, 'model') : null;
  if (typeof model !== 'string') return configuration;
  const known = (await readAssets(workspaceRoot)).assets.get(model);
  await fetchAsset(workspaceRoot, known, { onProgress });
  return { ...configuration, model: placeOf(known) };
}

function requestFor(configuration, cacheDir) {
  const name = 'constraints';
  const ids = { study: name, id: name, label: name, repetition: 1, take: 1, digest: '0'.repeat(64), seed: 1 };
  const allowance = { cpus: availableParallelism() };
  return {
    protocol: 1,
    ...ids,
    configuration,
    allowance,
    time_limit_s: null,
    cache_dir: cacheDir,
    assets: {},
    assets_dir: assetsRoot(),
  };
}

/** Variables without a place in them. */
function plain(env) {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !value.includes('{')));
}
