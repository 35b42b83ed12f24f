// Checks the rules of what engines refuse, workers/<name>/constraints.json, against the engines as they are installed by the
// locks: each has to refuse what its rule refuses (of the rules of a worker itself: the worker), and to do the nearest that it accepts. Tells what has changed, and exits with
// 1 then. Environments that are not there are made. What needs a GPU, or another one, is not run.
// Usage: node tools/constraints.mjs [worker …]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const { visibleGpus } = await import(join(source, 'machine/compute.ts'));
const { prepareEnvironment } = await import(join(source, 'environment/prepare.ts'));
const { variantOf } = await import(join(source, 'environment/variant.ts'));
const { assetsRoot } = await import(join(source, 'environment/cache.ts'));
const { tsx } = await import(join(source, 'environment/tsx.ts'));
const { fetchAsset, placeOf } = await import(join(source, 'assets/fetch.ts'));
const { readAssets } = await import(join(source, 'assets/manifest.ts'));

const asked = process.argv.slice(2);
const workers = [...(await readWorkers(workspaceRoot)).values()].filter(
  ({ name, constraints }) => constraints && (asked.length === 0 || asked.includes(name)),
);
const machine = await visibleGpus();
for (const worker of workers) await check(worker);

async function check(worker) {
  const { name, manifest, root, constraints } = worker;
  const { engine, locked, rules } = constraints;
  const say = (text) => console.log(`${name}: ${text}`);
  const change = (text) => {
    say(text);
    process.exitCode = 1;
  };
  if (!isForLocked(constraints, `${root}/${manifest.constraints}`))
    change(`the rules are for ${engine.name} ${engine.versions}, and the locks have ${locked.join(' and ') || 'none'}`);
  const runnable = manifest.environment.type === 'container' ? [] : rules.filter(isForThisMachine);
  const answers = runnable.length === 0 ? [] : await ask(worker, runnable);
  for (const [index, { id, seen, examples }] of runnable.entries()) {
    const { refused, accepted } = answers[index];
    if (refused !== null && !refused.includes(examples.says ?? ''))
      change(`${id}: the engine refuses it for another reason: ${refused}`);
    else if (refused === null) change(`${id}: the engine does what the rule refuses. Take the rule out`);
    else if (accepted !== null) change(`${id}: the engine refuses the rule's neighbour, too: ${accepted}`);
    else say(`${id}: refused, ${refused.replaceAll(/\s+/g, ' ').slice(0, 200)}`);
    if (!seen && refused !== null) change(`${id}: was seen here. Set \`seen\` to true`);
  }
  for (const { id } of rules.filter((rule) => !runnable.includes(rule)))
    say(`${id}: not run, it needs another machine`);
}

/** Whether the facts of a rule's examples are those of this machine, and of a model that can be made. */
function isForThisMachine({ examples: { machine: wanted, model } }) {
  return Object.keys(model).length === 0 && Object.entries(wanted).every(([fact, value]) => machine[fact] === value);
}

/** What the engine says of the examples of rules: null, or why it refuses. */
async function ask(worker, rules) {
  const { name, root, manifest, constraints } = worker;
  const examples = rules.flatMap(({ examples: { refused, accepted } }) => [refused, accepted]);
  const configurations = [];
  for (const settings of examples)
    configurations.push(await complete(worker, mergeAt({ of: constraints.base }, ['of'], settings).of));
  const variant = variantOf(manifest.environment, { device: 'auto' }, machine.gpus > 0);
  const { python, modules, cacheDir } = await prepareEnvironment({
    workspaceRoot,
    worker,
    variant,
    onProgress: console.log,
  });
  const questions = configurations.map((configuration, index) => ({
    request: requestFor(configuration, cacheDir),
    // Of the worker's own rules, and of a neighbour, the worker may have a say.
    by_engine: index % 2 === 0 && !rules[index / 2].source.startsWith('workers/'),
    neighbour: rules[Math.floor(index / 2)].examples.accepted,
  }));
  const folder = mkdtempSync(join(tmpdir(), 'constraints-'));
  try {
    const files = ['questions.json', 'answers.json'].map((file) => join(folder, file));
    writeFileSync(files[0], JSON.stringify(questions));
    const here = (file) => join(import.meta.dirname, 'constraints', file);
    const [program, ...args] = python
      ? [python, here('engine.py'), name, ...files]
      : [process.execPath, '--import', tsx.url, here('llama-cpp.mjs'), name, ...files];
    const own = {
      PYTHONPATH: [join(workspaceRoot, root, 'src'), join(workspaceRoot, 'workers/kits/python')].join(':'),
    };
    const env = { ...process.env, ...plain(manifest.env), ...own, ...(modules && { WORKER_MODULES: modules }) };
    const { status, stderr } = spawnSync(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: its engine could not be asked: ${stderr.slice(-2000)}`);
    const told = JSON.parse(readFileSync(files[1], 'utf8'));
    return rules.map((_rule, index) => ({ refused: told[2 * index], accepted: told[2 * index + 1] }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A configuration with the worker's defaults, and the path of its model. */
async function complete(worker, written) {
  const { configuration, problems, assets } = configChecker(worker)(written);
  if (problems.length > 0) throw new Error(`${worker.name}: ${problems[0].message}`);
  const model = assets.length > 0 ? valueAt(configuration, 'model') : null;
  if (typeof model !== 'string') return configuration;
  const known = (await readAssets(workspaceRoot)).assets.get(model);
  await fetchAsset(workspaceRoot, known, { onProgress: console.log });
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
