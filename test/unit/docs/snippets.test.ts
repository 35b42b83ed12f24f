import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { readAssets } from '../../../plugins/nx-study/src/assets/manifest.ts';
import { readProfile } from '../../../plugins/nx-study/src/platform/read.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { parse } from 'yaml';
import { readRequest } from '../../../workers/kits/node/request.ts';
import { blocksOf, filesOf, pages, proseOf, readPage, repository } from '../../helpers/docs.ts';
import type { Block } from '../../helpers/docs.ts';
import { chooseInterpreter, findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { problemsOf } from '../../helpers/schemas.ts';
import { kits, makeWorker, nodeCommand, perform, request } from '../kits/workers.ts';
import { sharedFolder } from '../machine/helpers.ts';
import { problemsOfLine, targets } from './commands.ts';

const blocks = pages.flatMap(blocksOf);
const root = sharedFolder();
const nameOf = (file: string) => basename(dirname(file));
const studyFiles = blocks.flatMap(({ page, files }) =>
  files.filter((file) => file.endsWith('/study.yaml')).map((file) => ({ page, file })),
);
const shipped = readdirSync(join(repository, 'studies'), { withFileTypes: true }).filter((one) => one.isDirectory());
const measurements = shipped.flatMap(({ name }) => {
  const file = join(repository, 'studies', name, 'study.plan.json');
  try {
    const plan = JSON.parse(readFileSync(file, 'utf8')) as { measurements: object };
    return Object.keys(plan.measurements).map((id) => `${name}.${id}`);
  } catch {
    return [];
  }
});
const studies = new Set([
  ...['<study>', '<name>'],
  ...shipped.map(({ name }) => name),
  ...measurements,
  ...studyFiles.map(({ file }) => nameOf(file)),
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
});

it('no file is written out on two pages', () => {
  const files = pages.flatMap((page) => [...filesOf(page).keys()]);
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((file, index) => files.indexOf(file) < index)).toEqual([]);
});

it.each(blocks)('$page, line $line: $language', async (block) => {
  if (block.files.length > 0) await checkFiles(block);
  else await checkFragment(block);
});

async function checkFiles({ files, text, language }: Block): Promise<void> {
  for (const file of files) {
    expect(await readFile(join(root, file), 'utf8')).toBe(text);
    const workers = await readWorkers(root);
    if (file.endsWith('/study.yaml')) {
      const { plan } = await loadStudy({ workspaceRoot: root, file, workers });
      expect(plan.measurements.length).toBeGreaterThan(0);
    } else if (file.startsWith('studies/platforms/')) {
      expect((await readProfile(root, basename(file, '.yaml'))).issues).toEqual([]);
    } else if (file === 'studies/assets.yaml') {
      expect((await readAssets(root)).issues).toEqual([]);
    } else {
      // A worker's file: all of it is there, and some study of a page uses it, which test/e2e/docs.test.ts runs.
      const [, worker] = /^workers\/([^/]+)\//.exec(file)!;
      expect(workers.broken.get(worker!)).toBeUndefined();
      expect([...workers.keys()]).toContain(worker);
      if (language === 'json') expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
  }
}

async function checkFragment({ page, language, text, line }: Block): Promise<void> {
  if (language === 'yaml') return checkYaml(page, text);
  if (language === 'json') return checkJson(JSON.parse(text) as Record<string, unknown>);
  if (language === 'jsonl') {
    for (const event of text.trimEnd().split('\n')) expect(problemsOf('event', JSON.parse(event))).toEqual([]);
    return;
  }
  if (language === 'sh') {
    expect(text.split('\n').flatMap((command) => problemsOfLine(command, studies))).toEqual([]);
    return;
  }
  if (language === 'python') return checkPython(text);
  if (language === 'ts') return checkTypeScript(text);
  // Output and drawings.
  expect(`${page}:${line}: ${language}`).toBe(`${page}:${line}: `);
}

/** A study; or some keys of one; or settings of the worker whose page it is. */
async function checkYaml(page: string, text: string): Promise<void> {
  const written = parse(text) as Record<string, unknown>;
  const [, worker] = /^workers\/([^/]+)\/README\.md$/.exec(page) ?? [];
  const isStudy = 'worker' in written || 'workers' in written;
  const isPart = Object.keys(written).every((key) => ['execution', 'platform', 'repeat', 'gates'].includes(key));
  const study = isStudy ? written : isPart ? { worker: 'llama-cpp', ...written } : { worker, base: written };
  const { issues, plan } = await makePlan('studies/a/study.yaml', JSON.stringify(study), await readWorkers(repository));
  expect(issues).toEqual([]);
  expect(plan!.measurements.length).toBeGreaterThan(0);
}

/** A document of the protocol, by the keys that only it has. */
function checkJson(written: Record<string, unknown>): void {
  const complete = JSON.parse(JSON.stringify(written).replaceAll('64 hex digits', '0'.repeat(64))) as typeof written;
  if ('commands' in written) expect(problemsOf('worker', written)).toEqual([]);
  else if ('check' in written || 'memory' in written) expect(problemsOf('worker', { ...smallest, ...written })).toEqual([]);
  else if ('digest' in written) checkRequest(complete);
  else if ('problems' in written) expect(problemsOf('check-answer', written)).toEqual([]);
  else if ('engine' in written) expect(problemsOf('llm-inference.payload', written)).toEqual([]);
  else expect(problemsOf('result', complete)).toEqual([]);
}

const smallest = {
  protocol: 1,
  kind: 'values',
  description: 'smallest',
  commands: { measure: ['sh'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};

function checkRequest(written: object): void {
  expect(Object.keys(written)).toEqual(Object.keys(request()));
  expect(problemsOf('request', written)).toEqual([]);
  const { worker } = makeWorker('request.json', JSON.stringify(written));
  expect(readRequest(worker)).toEqual(written);
}

async function checkPython(source: string): Promise<void> {
  const { path } = chooseInterpreter('docs', '>=3.11', await findInterpreters(root));
  const { worker, directory } = makeWorker('measure.py', source);
  const done = perform([path, worker, directory], directory, request(), { PYTHONPATH: join(kits, 'python') });
  expect(done).toMatchObject({ code: 0, stderr: '', result: { kind: 'values' } });
}

function checkTypeScript(source: string): void {
  const { worker, directory } = makeWorker('measure.ts', source);
  const done = perform(nodeCommand(worker, directory), directory, request());
  expect(done).toMatchObject({ code: 0, stderr: '', result: { kind: 'values' } });
}

it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('the commands in the text of %s exist', (page) => {
  const spans = [...proseOf(page).matchAll(/`((?:npx )?nx (?:run|run-many|affected|sync|graph)\b[^`]*)`/g)];
  expect(spans.flatMap(([, command]) => problemsOfLine(command!, studies))).toEqual([]);
});

it('commands that do not exist are found', () => {
  const wrong = ['nx run quick:mesure', 'nx run none:plan', 'nx run quick:plan --watch', 'npm run tests', 'make'];
  expect(wrong.filter((command) => problemsOfLine(command, studies).length === 0)).toEqual([]);
  expect(problemsOfLine('NX_STUDY_RETYR=1 npx nx run quick:measure', studies)).toHaveLength(1);
});

it('the page of commands names every command and option', () => {
  const page = readPage('docs/commands.md');
  for (const [target, options] of targets) {
    expect(page).toContain(`nx run <study>:${target}\``);
    for (const option of options) if (option !== 'study') expect(page).toContain(`\`--${option}\``);
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
