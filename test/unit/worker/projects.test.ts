import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { checkWorkerFiles } from '../../../plugins/nx-study/src/worker/check.ts';
import { measuredProjects } from '../../../plugins/nx-study/src/worker/projects.ts';
import { makeWorkspace } from '../study/workspace.ts';
import { aWorker } from './manifest.ts';

const files = {
  'package.json': '{ "name": "workspace", "workspaces": ["packages/*"] }',
  '.gitignore': 'dist/\n',
  'packages/lib/project.json': '{ "name": "lib" }',
  'packages/lib/.gitignore': 'made.ts\n',
  'packages/lib/src/a.ts': '',
  'packages/lib/src/a.test.ts': '',
  'packages/lib/src/made.ts': '',
  'packages/lib/dist/a.js': '',
  'packages/lib/node_modules/x/index.js': '',
  'packages/tool/package.json': '{ "name": "@w/tool" }',
  'packages/tool[1]/project.json': '{ "name": "brackets" }',
  'apps/unlisted/package.json': '{ "name": "unlisted" }',
  'apps/empty/project.json': '{ "name": "empty" }',
  'workers/w/measure.sh': '',
};

const found = async (root: string, own: object) => {
  const { projects, problems } = await measuredProjects(root, aWorker(own));
  return { files: projects.map((one) => one.files.map((path) => relative(root, path))), problems };
};

test('the files of a project are those that git does not ignore and that no pattern leaves out', async () => {
  const root = await makeWorkspace(files);
  expect(await found(root, { projects: ['lib', '@w/tool', 'brackets'] })).toEqual({
    files: [
      ['.gitignore', 'project.json', 'src/a.test.ts', 'src/a.ts'].map((file) => `packages/lib/${file}`),
      ['packages/tool/package.json'],
      ['packages/tool[1]/project.json'],
    ],
    problems: [],
  });
  const measuring = ['measure.sh', '!{workspace}/packages/**/*.test.ts'];
  const without = await found(root, { projects: ['lib'], measuring });
  expect(without.files).toEqual([['.gitignore', 'project.json', 'src/a.ts'].map((file) => `packages/lib/${file}`)]);
});

test('they are those of now, also within one process', async () => {
  const root = await makeWorkspace(files);
  const projects = ['@w/tool'];
  await found(root, { projects });
  await writeFile(join(root, 'packages/tool/new.ts'), '');
  expect((await found(root, { projects })).files[0]).toEqual(['packages/tool/new.ts', 'packages/tool/package.json']);
  await rm(join(root, 'packages/tool/new.ts'));
  expect((await found(root, { projects })).files[0]).toEqual(['packages/tool/package.json']);
});

test.each([
  [
    'libb',
    'no project.json, and no package.json of a workspace package, names the project `libb`',
    'Did you mean `lib`?',
  ],
  ['unlisted', 'names the project `unlisted`', 'list its files in `measuring`'],
  ['workspace', 'the project `workspace` is the whole workspace', 'List the files that count in `measuring`'],
  ['empty', 'the project `empty` has no file that counts in apps/empty', '`measuring` leaves them out'],
])('the project %s is refused with the line of worker.json', async (name, message, hint) => {
  const own = { projects: [name], measuring: ['measure.sh', '!{workspace}/apps/empty/**'] };
  const root = await makeWorkspace({ ...files, 'workers/w/worker.json': JSON.stringify(own, null, 2) });
  await writeFile(join(root, 'package.json'), '{ "name": "workspace", "workspaces": ["packages/*", "."] }');
  await expect(checkWorkerFiles(root, aWorker(own))).rejects.toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^workers\/w\/worker\.json:3: /) }),
  );
  await expect(checkWorkerFiles(root, aWorker(own))).rejects.toThrow(message);
  await expect(checkWorkerFiles(root, aWorker(own))).rejects.toThrow(hint);
});

test('a command may run the files of a project, and no others of the workspace', async () => {
  const root = await makeWorkspace(files);
  const running = (path: string) =>
    checkWorkerFiles(root, aWorker({ commands: { measure: ['sh', path] }, projects: ['lib'] })).then(
      () => null,
      (error: Error) => error.message,
    );
  expect(await running('{workspace}/packages/lib/src/a.ts')).toBeNull();
  expect(await running('{workspace}/packages/tool/package.json')).toContain(
    'Add "{workspace}/packages/tool/package.json"',
  );
  expect(await running('{workspace}/packages/lib/dist/a.js')).toContain('packages/lib/dist/a.js, which no pattern of');
});

test('a link to a folder in a project is refused, unless it is left out', async () => {
  const root = await makeWorkspace(files);
  await mkdir(join(root, 'elsewhere'));
  await symlink('../../elsewhere', join(root, 'packages/lib/linked'));
  const check = (measuring: string[]) => checkWorkerFiles(root, aWorker({ projects: ['lib'], measuring }));
  await expect(check(['measure.sh'])).rejects.toThrow('add "!{workspace}/packages/lib/linked/**"');
  await expect(check(['measure.sh', '!{workspace}/packages/lib/linked/**'])).resolves.toBeUndefined();
});
