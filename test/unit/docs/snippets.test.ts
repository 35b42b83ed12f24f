import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { flushChanges, FsTree } from 'nx/src/generators/tree.js';
import { beforeAll, expect, it } from 'vitest';
import { readAssets } from '../../../plugins/nx-study/src/assets/manifest.ts';
import study from '../../../plugins/nx-study/src/generators/study/generator.ts';
import worker from '../../../plugins/nx-study/src/generators/worker/generator.ts';
import { readProfile } from '../../../plugins/nx-study/src/platform/read.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { parse } from 'yaml';
import { blocksOf, filesOf, pages, proseOf, readPage, repository } from '../../helpers/docs.ts';
import type { Block } from '../../helpers/docs.ts';
import { unpinnedSources } from '../../../plugins/nx-study/src/environment/unpinned.ts';
import { chooseInterpreter, findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { readDataset } from '../../../workers/kits/node/dataset/index.ts';
import { problemsOf } from '../../helpers/schemas.ts';
import { kits, makeWorker, nodeCommand, perform, request } from '../kits/workers.ts';
import { sharedFolder } from '../machine/helpers.ts';
import { problemsOfLine, targets } from './commands.ts';
import { isForCi, problemsOfCi, problemsOfNx } from './recipes.ts';

const blocks = pages.flatMap(blocksOf);
const root = sharedFolder();
const nameOf = (file: string) => basename(dirname(file));
const studyFiles = blocks.flatMap(({ page, files }) =>
  files.filter((file) => file.endsWith('/study.yaml')).map((file) => ({ page, file })),
);
const shipped = readdirSync(join(repository, 'studies'), { withFileTypes: true }).filter((one) => one.isDirectory());
const measurements = shipped.flatMap(({ name }) => {
  const file = join(repository, 'studies', name, 'study.lock');
  try {
    const plan = JSON.parse(readFileSync(file, 'utf8')) as { measurements: object };
    return Object.keys(plan.measurements).map((id) => `${name}.${id}`);
  } catch {
    return [];
  }
});
const studies = new Set([
  '<study>',
  '<name>',
  ...shipped.map(({ name }) => name),
  ...measurements,
  ...studyFiles.map(({ file }) => nameOf(file)),
  ...blocks.flatMap(({ text }) => [...text.matchAll(/nx g nx-study:study ([\w-]+)/g)].map(([, name]) => name!)),
]);

// The workers and data of this repository, and all files that the pages write out, as if a reader had followed them all.
beforeAll(async () => {
  const isSource = (path: string) => !/\/(node_modules|__pycache__|\.\w+)(\/|$)/.test(path.slice(repository.length));
  for (const folder of ['workers', 'studies'])
    await cp(join(repository, folder), join(root, folder), { recursive: true, filter: isSource });
  for (const [file, text] of pages.flatMap((page) => [...filesOf(page)])) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const tree = new FsTree(root, false);
  for (const template of new Set(generated.map(({ worker }) => worker)))
    await worker(tree, { name: template, template });
  flushChanges(root, tree.listChanges());
});

/** The studies that pages have a generator make, with the worker that it makes them for. */
const generated = pages.flatMap((page) =>
  [...readPage(page).matchAll(/^npx nx g nx-study:study ([a-z-]+) --worker (\w+)$/gm)].map(([, name, worker]) => ({
    name: name!,
    worker: worker!,
  })),
);

it('what the pages show of a generated study is what its generator writes', async () => {
  expect(generated.length).toBeGreaterThan(0);
  for (const options of generated) {
    const tree = createTreeWithEmptyWorkspace();
    await study(tree, options);
    const file = `studies/${options.name}/study.yaml`;
    expect(pages.map((page) => filesOf(page).get(file)).find(Boolean)).toBe(tree.read(file, 'utf8'));
  }
});

it('no file is written out on two pages', () => {
  const files = pages.flatMap((page) => [...filesOf(page).keys()]);
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((file, index) => files.indexOf(file) < index)).toEqual([]);
});

it.each(blocks)('$page, line $line: $language', async (block) => {
  const problems = block.files.length > 0 ? block.files.map(problemsOfFile) : [problemsOfFragment(block)];
  expect((await Promise.all(problems)).flat()).toEqual([]);
});

async function problemsOfFile(file: string): Promise<string[]> {
  const workers = await readWorkers(root);
  if (file.endsWith('/study.yaml')) {
    const { plan } = await loadStudy({ workspaceRoot: root, file, workers });
    return plan.measurements.length > 0 ? [] : [`${file}: nothing to measure`];
  }
  if (file.startsWith('studies/platforms/'))
    return (await readProfile(root, basename(file, '.yaml'))).issues.map(({ message }) => message);
  // Code that a worker of the page measures.
  if (file.startsWith('packages/')) return [];
  if (file === 'studies/assets.yaml') return (await readAssets(root)).issues.map(({ message }) => message);
  // test/e2e/docs.test.ts runs it.
  if (/^studies\/.*\.(mjs|py|csv)$/.test(file)) return [];
  if (/^studies\/.*\.jsonl$/.test(file)) {
    const { entries } = readDataset(join(root, file), 'messages');
    return entries.length > 0 ? [] : [`${file}: no conversations`];
  }
  // All of the worker is there, and some study of its page uses it, which test/e2e/docs.test.ts runs.
  const [, worker] = /^workers\/([^/]+)\//.exec(file)!;
  return workers.has(worker!) ? [] : [workers.broken.get(worker!) ?? `${file}: workers/${worker} has no worker.json`];
}

async function problemsOfFragment({ page, language, text, line }: Block): Promise<string[]> {
  if (language === 'yaml') return problemsOfYaml(page, text);
  if (language === 'json') return problemsOfJson(JSON.parse(text) as Record<string, unknown>);
  if (language === 'dockerfile') return unpinnedSources(text.replaceAll(DIGITS, '0'.repeat(64)));
  if (language === 'jsonl')
    return text
      .trimEnd()
      .split('\n')
      .flatMap((event) => problemsOf('event', JSON.parse(event)));
  if (language === 'sh') return text.split('\n').flatMap((command) => problemsOfLine(command, studies));
  if (language === 'python') return problemsOfPython(text);
  if (language === 'ts') {
    const { worker, directory } = makeWorker('measure.ts', text);
    return problemsOfRun(nodeCommand(worker, directory), directory);
  }
  // Output and drawings have no language.
  return language === '' ? [] : [`${page}:${line}: nobody checks a block in ${language}`];
}

/** A study; or some keys of one; or settings of the worker whose page it is. */
async function problemsOfYaml(page: string, text: string): Promise<string[]> {
  const written = parse(text) as Record<string, unknown>;
  if (isForCi(written)) return problemsOfCi(written, studies);
  const [, worker] = /^workers\/([^/]+)\/README\.md$/.exec(page) ?? [];
  const isStudy = 'worker' in written || 'workers' in written;
  const isPart = Object.keys(written).every((key) => ['execution', 'platform', 'repeat', 'gates'].includes(key));
  const part = isPart ? { worker: 'llama-cpp', ...written } : { worker, base: written };
  const study = JSON.stringify(isStudy ? written : part);
  const { issues, plan } = await makePlan('studies/a/study.yaml', study, await readWorkers(repository));
  return plan?.measurements.length === 0 ? ['nothing to measure'] : issues.map(({ message }) => message);
}

/** A document of the protocol, by the keys that only it has. */
function problemsOfJson(written: Record<string, unknown>): string[] {
  const complete = JSON.parse(JSON.stringify(written).replaceAll(DIGITS, '0'.repeat(64))) as typeof written;
  if ('plugins' in written || 'targetDefaults' in written || 'targets' in written) return problemsOfNx(written);
  if ('commands' in written) return problemsOf('worker', written);
  if (['check', 'doctor', 'environment', 'memory', 'dependsOn'].some((key) => key in written))
    return problemsOf('worker', { ...smallest, ...complete });
  if ('digest' in written) return problemsOf('request', complete);
  if ('problems' in written) return problemsOf('check-answer', written);
  if ('rules' in written) return problemsOf('constraints', written);
  if ('items' in written) return problemsOf('doctor-answer', written);
  if ('engine' in written) return problemsOf('llm-inference.payload', written);
  return problemsOf('result', complete);
}

/** Stand for a digest in blocks. */
const DIGITS = '64 hex digits';

const smallest = {
  protocol: 1,
  kind: 'values',
  description: 'smallest',
  commands: { measure: ['sh'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};

async function problemsOfPython(source: string): Promise<string[]> {
  const { path } = chooseInterpreter('docs', '>=3.11', await findInterpreters(root));
  const { worker, directory } = makeWorker('measure.py', source);
  return problemsOfRun([path, worker, directory], directory);
}

function problemsOfRun(command: string[], directory: string): string[] {
  const { code, stderr, result } = perform(command, directory, request(), { PYTHONPATH: join(kits, 'python') });
  return code === 0 && result !== null ? [] : [`exit code ${code}: ${stderr}`];
}

it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('the commands in the text of %s exist', (page) => {
  const spans = [...proseOf(page).matchAll(/`((?:npx )?nx (?:run|run-many|affected|sync|graph|g|add|init)\b[^`]*)`/g)];
  expect(spans.flatMap(([, command]) => problemsOfLine(command!, studies))).toEqual([]);
});

it('commands that do not exist are found', () => {
  const wrong = ['nx run quick:mesure', 'nx run none:plan', 'nx run quick:plan --watch', 'npm run tests', 'make'];
  wrong.push('nx g nx-study:stduy a', 'nx g nx-study:study a --workr shell', 'nx g other:study a');
  expect(wrong.filter((command) => problemsOfLine(command, studies).length === 0)).toEqual([]);
  expect(problemsOfLine('NX_STUDY_RETYR=1 npx nx run quick:measure', studies)).toHaveLength(1);
});

it('recipes for CI and parts of nx.json that are wrong are found', () => {
  const steps = [{ run: 'npx nx run quick:mesure | cat' }];
  expect(problemsOfCi({ name: 'a', on: 'workflow_dispatch', jobs: { a: { 'runs-on': 'b', steps } } }, studies)).toEqual(
    ['npx nx run quick:mesure: no such target'],
  );
  expect(problemsOfCi({ jobs: { a: { step: steps } } }, studies)).toHaveLength(1);
  expect(problemsOfNx({ plugins: [{ plugin: 'nx-study/plugin', options: { reslts: 'a' } }] })).toHaveLength(1);
  expect(problemsOfNx({ targetDefaults: { measure: { dependsOn: [{ taget: 'build' }] } } })).toHaveLength(1);
});

it('the page of commands names every command and option', () => {
  const page = readPage('docs/commands.md');
  for (const [target, options] of targets) {
    expect(page).toContain(`nx run <study>:${target}\``);
    expect([...options].filter((option) => option !== 'study' && !page.includes(`\`--${option}\``))).toEqual([]);
  }
});

it('the study of the README measures what the study of the repository does, and the picture shows that', async () => {
  const file = 'studies/senate-beta-prior/study.yaml';
  const workers = await readWorkers(repository);
  const shown = await loadStudy({ workspaceRoot: root, file, workers });
  const real = await loadStudy({ workspaceRoot: repository, file, workers });
  const essence = ({ plan }: typeof shown) =>
    plan.measurements.map(({ experiment, seed, repetition }) => ({
      configuration: plan.experiments.find(({ id }) => id === experiment)!.configuration,
      seed,
      repetition,
    }));
  expect(essence(shown)).toEqual(essence(real));
  const ids = real.plan.measurements.map(({ id }) => `senate-beta-prior.${id}:measure`);
  const picture = await readFile(join(repository, 'docs/senate-beta-prior.svg'), 'utf8');
  expect(picture).toContain(`<title>${[...ids, 'senate-beta-prior:measure'].join(' → ')}</title>`);
});
