import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkWorkerFiles } from '../../../plugins/nx-study/src/worker/check.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { makeWorkspace } from '../study/workspace.ts';

const schema = JSON.stringify({ type: 'object', additionalProperties: false, properties: {} });
const code = {
  'workers/own/measure.sh': '',
  'workers/own/src/measure.py': '',
  'workers/own/src/tools/__init__.py': '',
  'workers/own/src/tools/measure.py': '',
  'workers/own/src/tools/__main__.py': '',
  'workers/own/src/.hidden/notes.txt': '',
  'workers/own/requirements.lock': '',
  'workers/kits/python/kit/__init__.py': '',
  'tools/x.py': '',
};

const manifestOf = (own: object) => ({
  protocol: 1,
  kind: 'values',
  description: 'A worker',
  commands: { measure: ['true'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
  ...own,
});

/** What is said of a worker with these keys in its worker.json, which is written over several lines. */
const refusal = async (own: object): Promise<string | null> => refusalIn(await workspaceWith(own));

const workspaceWith = (own: object): Promise<string> =>
  makeWorkspace({
    ...code,
    'workers/own/config.schema.json': schema,
    'workers/own/worker.json': JSON.stringify(manifestOf(own), null, 2),
  });

async function refusalIn(root: string): Promise<string | null> {
  const workers = await readWorkers(root);
  expect(workers.broken.get('own')).toBeUndefined();
  return checkWorkerFiles(root, workers.get('own')!).then(
    () => null,
    (error: Error) => error.message,
  );
}

describe('a pattern', () => {
  test('that matches nothing is refused with its line', async () => {
    const measuring = ['measure.sh', 'src/**/*.pyy'];
    expect(await refusal({ measuring })).toBe(
      'workers/own/worker.json:16: the pattern "src/**/*.pyy" matches no file. Correct it, or take it out.',
    );
  });

  test.each([
    ['{kit}/python/**', 'has the unknown placeholder `{kit}`. Did you mean `{kits}`?'],
    ['{Kits}/python/**', 'has the unknown placeholder `{Kits}`. Did you mean `{kits}`?'],
    ['!{kit}/python/**', 'has the unknown placeholder `{kit}`'],
    ['{worker}/measure.sh', 'Leave it out: patterns are relative to the folder of the worker.'],
    ['{workspaceRoot}/tools/x.py', 'has the unknown placeholder `{workspaceRoot}`. Did you mean `{workspace}`?'],
    ['src/{workspace}/tools/x.py', 'can only stand at the beginning'],
    ['{workspace}/tool/*.py', 'matches no file'],
    ['{workspace}/tools/y.py', 'Did you mean `x.py`?'],
    ['{workspace}/tools', 'It is a folder: write `{workspace}/tools/**`.'],
    ['{workspace}/../**', 'leaves the workspace'],
    ['{workspace}/results/**', 'names results, installed packages'],
    ['{workspace}/node_modules/nx/*.js', 'names results, installed packages'],
    ['{workspace}/.git/HEAD', 'names results, installed packages'],
    ['src/{kits}/python/**', 'can only stand at the beginning'],
    ['/etc/passwd', 'is an absolute path'],
    ['../../../**', 'leaves the workspace'],
    ['measure.hs', 'Did you mean `measure.sh`?'],
    ['src', 'It is a folder: write `src/**`.'],
    ['src/', 'It is a folder: write `src/**`.'],
    ['src/Measure.py', '`src/measure.py` is there: capital letters count.'],
    ['src/*/notes.txt', 'It matches hidden files only, such as `src/.hidden/notes.txt`'],
    ['src\\measure.py', 'Write `/` between folders.'],
    ['{kits}/pyhton/**', 'matches no file'],
    ['gone/{a,b}.py', 'matches no file'],
    ['src/(measure).py', 'matches no file. Did you mean `measure.py`?'],
  ])('%s is refused', async (pattern, said) => {
    const own = { measuring: ['measure.sh', pattern] };
    expect(await refusal(own)).toContain(`the pattern ${JSON.stringify(pattern)} `);
    expect(await refusal(own)).toContain(said);
    expect(await refusal({ deriving: [pattern, 'src/**'] })).toContain(said);
  });

  test('whose files are all left out again, or that only leaves out, covers nothing', async () => {
    expect(await refusal({ measuring: ['measure.sh', 'src/*.py', '!src/**'] })).toContain(
      'all files that the pattern "src/*.py" matches are left out again by `!src/**`',
    );
    expect(await refusal({ measuring: ['!src/**'] })).toContain('measuring has only patterns that leave files out');
  });

  test('is not empty', async () => {
    const workers = await readWorkers(await workspaceWith({ measuring: ['measure.sh', ''] }));
    expect(workers.broken.get('own')).toContain('measuring.1: ');
  });

  test('below which a folder is linked is refused: what lies there would not count', async () => {
    const linked = async (measuring: string[], target = '../../../tools') => {
      const root = await workspaceWith({ measuring });
      await symlink(target, join(root, 'workers/own/src/shared'));
      return refusalIn(root);
    };
    expect(await linked(['src/**/*.py'])).toContain(
      'the pattern "src/**/*.py" leaves out what lies behind src/shared, which is a link to a folder',
    );
    expect(await linked(['src/**/*.py', '!src/shared/**'])).toBeNull();
    expect(await linked(['src/*.py'])).toBeNull();
    expect(await linked(['src/**/*.py'], 'tools')).toBeNull();
  });

  test.each([
    ['src/**/*.{py,pyx}'],
    ['{kits}/python/**/*.py'],
    ['./src/*.py'],
    ['../../tools/*.py'],
    ['{workspace}/tools/*.py'],
    ['{workspace}/**/x.py'],
    ['src/.hidden/notes.txt'],
    ['!src/**/__pycache__/**'],
    ['!(src|docs).sh'],
  ])('%s is fine', async (pattern) => {
    expect(await refusal({ measuring: ['measure.sh', pattern] })).toBeNull();
  });
});

describe('a command', () => {
  const measure = (...texts: string[]) => ({ commands: { measure: texts } });
  const env = { PYTHONPATH: '{worker}/src:{kits}/python' };
  const uncovered = (file: string, pattern: string) =>
    `names ${file}, which no pattern of \`measuring\` covers: after an edit of it, old numbers would count as current. Add "${pattern}" to \`measuring\`.`;

  test.each([
    [['sh', '{worker}/src/measure.py', '{run}']],
    [['env', 'A=1', 'sh', '-c', '. "{worker}/src/measure.py" && true']],
    [['node', '--require={worker}/src/measure.py']],
    [['node', '--import', 'file://{worker}/src/measure.py']],
    [['sh', '{worker}/../own/src/measure.py']],
    [['sh', '../../../../workers/own/src/measure.py']],
    [['sh', '{kits}/../own/src/measure.py']],
    [['sh', '-c', 'cd {worker} && python3 src/measure.py "$0"', '{run}']],
    [['bash', '-c', 'cd "{worker}/src"; exec ./measure.py {run}']],
    [['env', '-C', '{worker}', 'python3', 'src/measure.py', '{run}']],
    [['env', '--chdir={worker}/src', 'python3', 'measure.py']],
    [['sh', '-c', 'cd {worker}/src && python3 -m measure']],
    [['env', 'PATH={worker}/src:/usr/bin', 'measure.py', '{run}']],
    [['sh', '-c', 'PATH={worker}/src:$PATH measure.py {run}']],
  ])('%j runs a file that no pattern covers', async (texts) => {
    expect(await refusal(measure(...texts))).toContain(uncovered('workers/own/src/measure.py', 'src/measure.py'));
    expect(await refusal({ ...measure(...texts), measuring: ['src/*.py'] })).toBeNull();
  });

  test('that goes up from its run directory is refused, wherever nx.json puts the results', async () => {
    const command = measure('sh', '../../../../../../workers/own/src/measure.py');
    const root = await workspaceWith(command);
    const plugins = [{ plugin: 'nx-study/plugin', options: { results: 'measured/by/us' } }];
    await writeFile(join(root, 'nx.json'), JSON.stringify({ plugins }));
    expect(await refusalIn(root)).toContain(uncovered('workers/own/src/measure.py', 'src/measure.py'));
  });

  test('with an absolute path into the workspace is refused as well', async () => {
    const root = await makeWorkspace({ ...code, 'workers/own/config.schema.json': schema });
    const manifest = manifestOf(measure('python3', join(root, 'tools/x.py')));
    await writeFile(join(root, 'workers/own/worker.json'), JSON.stringify(manifest));
    expect(await refusalIn(root)).toContain(uncovered('tools/x.py', '{workspace}/tools/x.py'));
  });

  test.each([
    [['{python}', '-m', 'tools.measure', '{run}'], 'src/tools/measure.py'],
    [['{python}', '-Im', 'tools.measure'], 'src/tools/measure.py'],
    [['{python}', '-mtools'], 'src/tools/__main__.py'],
    [['sh', '-c', 'exec {python} -m tools'], 'src/tools/__main__.py'],
    [['{python}', '{worker}/src/tools'], 'src/tools/__main__.py'],
  ])('%j runs a module by its name', async (texts, file) => {
    const own = { ...measure(...texts), env, measuring: ['src/measure.py', '{kits}/python/**'] };
    expect(await refusal(own)).toContain(uncovered(`workers/own/${file}`, file));
    expect(await refusal({ ...own, measuring: ['src/**/*.py', '{kits}/python/**'] })).toBeNull();
  });

  test("finds its program in a PATH of the worker's own", async () => {
    const own = { ...measure('measure.sh'), env: { PATH: '{worker}:/usr/bin' } };
    expect(await refusal({ ...own, measuring: ['src/*.py'] })).toContain(
      uncovered('workers/own/measure.sh', 'measure.sh'),
    );
    expect(await refusal(own)).toBeNull();
    const further = { ...own, ...measure('sh', '-c', 'nice measure.sh {run}'), measuring: ['src/*.py'] };
    expect(await refusal(further)).toContain(uncovered('workers/own/measure.sh', 'measure.sh'));
  });

  test('that derives may be covered by either; what measures not by `deriving`', async () => {
    const script = '{worker}/src/measure.py';
    const both = { commands: { measure: ['true'], derive: ['sh', script] } };
    expect(await refusal(both)).toContain('covers: after an edit of it');
    expect(await refusal({ ...both, deriving: ['src/*.py'] })).toBeNull();
    expect(await refusal({ ...both, measuring: ['measure.sh', 'src/*.py'] })).toBeNull();
    expect(await refusal({ ...measure('sh', script), deriving: ['src/*.py'] })).toContain(
      uncovered('workers/own/src/measure.py', 'src/measure.py'),
    );
  });

  test('names what is not a file of the workspace, or is part of the identity in another way', async () => {
    expect(await refusal(measure('sh', '-c', 'cd {run} && /bin/true', '{worker}/not-there', '{cache}/x'))).toBeNull();
    for (const module of ['http.server', 'kit']) {
      const own = { ...measure('{python}', '-m', module), env };
      expect(await refusal({ ...own, measuring: ['src/measure.py', '{kits}/python/**'] })).toBeNull();
    }
    expect(await refusal(measure('ls', '{worker}'))).toBeNull();
    expect(await refusal(measure('sh', '-c', 'cd {run} && cat src/measure.py > measure.py'))).toBeNull();
    expect(
      await refusal(measure('sh', '-c', 'cd {worker} && ./measure.sh {run} measure.hs /src/measure.py')),
    ).toBeNull();
    const environment = { type: 'uv', python: '>=3.12', lock: 'requirements.lock' };
    expect(await refusal({ ...measure('cat', '{worker}/requirements.lock'), environment })).toBeNull();
  });

  test('runs a file that is covered under the name of a link to it', async () => {
    const root = await workspaceWith({ ...measure('sh', '{worker}/../../tools/x.py'), measuring: ['x.py'] });
    await symlink('../../tools/x.py', join(root, 'workers/own/x.py'));
    expect(await refusalIn(root)).toBeNull();
  });

  test.each([
    ['{wroker}/measure.sh', 'commands.measure has the unknown placeholder `{wroker}`. Did you mean `worker`?'],
    ['{Worker}/measure.sh', 'Did you mean `worker`?'],
    ['{workspaceRoot}/tools/x.py', 'Write `{workspace}`.'],
    ['{out}', 'which has a value only in `commands.derive`'],
    ['{modules}/x', 'which has a value only where `environment` is of the type `npm`'],
  ])('with %s is refused', async (text, said) => {
    expect(await refusal(measure('sh', text))).toContain(said);
  });

  test.each([['awk {print}'], ['echo ${runs}'], ['{"a": 1}'], ['{}'], ['a{1,2}']])(
    'may have braces of its own: %s',
    async (text) => {
      expect(await refusal(measure('sh', '-c', text))).toBeNull();
    },
  );
});

describe('an environment variable', () => {
  test('that names a file of the workspace, or a folder of code, is held to the same', async () => {
    expect(await refusal({ env: { SETTINGS: '{worker}/src/measure.py' } })).toContain(
      'env.SETTINGS names workers/own/src/measure.py, which no pattern of `measuring` or `deriving` covers',
    );
    const env = { PYTHONPATH: '{worker}/src:{kits}/python' };
    expect(await refusal({ env, measuring: ['src/**'] })).toContain(
      'env.PYTHONPATH names workers/kits/python, where programs look for code, and no pattern of `measuring` or `deriving` covers a file there. Add a pattern such as "{kits}/python/**" to `measuring`',
    );
    expect(await refusal({ env, measuring: ['src/**', '{kits}/python/**'] })).toBeNull();
    expect(await refusal({ env: { HOME: '{cache}', DATA: '{worker}/src', PATH: '/usr/bin:{cache}' } })).toBeNull();
  });
});
