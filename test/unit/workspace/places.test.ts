import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  resultsFolder,
  resultsPath,
  sharedByStudies,
  studiesFolders,
  studyFile,
  studyFolder,
  workersFolder,
} from '../../../plugins/nx-study/src/workspace/places.ts';
import { nxRun, studyProject } from '../../../plugins/nx-study/src/workspace/project.ts';
import { treeOf } from '../../helpers/tree.ts';

const nxJson = (options: object) => ({
  'nx.json': JSON.stringify({ plugins: [{ plugin: 'nx-study/plugin', options }] }),
});

test('without options all is where it was ever', async () => {
  const root = await treeOf({ 'studies/hello/study.yaml': '' });
  expect(studiesFolders(root)).toEqual(['studies']);
  expect(studyFile(root, 'hello')).toBe('studies/hello/study.yaml');
  expect(studyFile(root, 'not-yet')).toBe('studies/not-yet/study.yaml');
  expect(sharedByStudies('assets.yaml', root)).toBe('studies/assets.yaml');
  expect(workersFolder(root)).toBe('workers');
  expect(resultsFolder(root)).toBe('results');
  expect(resultsPath(root)).toBe(join(root, 'results'));
});

test('studies lie in several folders, also beside the package that they measure', async () => {
  const root = await treeOf({
    ...nxJson({ studies: ['measuring', 'packages/*/studies', 'apps/web/studies'] }),
    'measuring/one/study.yaml': '',
    'packages/b/studies/two/study.yaml': '',
    'packages/a/studies/three/study.yaml': '',
    'packages/.hidden/studies/five/study.yaml': '',
    'packages/c/src/index.ts': '',
    'packages/d/node_modules/x/studies/four/study.yaml': '',
  });
  expect(studiesFolders(root)).toEqual([
    'measuring',
    'apps/web/studies',
    'packages/.hidden/studies',
    'packages/a/studies',
    'packages/b/studies',
  ]);
  expect(studyFolder(root, 'five')).toBe('packages/.hidden/studies/five');
  expect(studyFolder(root, 'one')).toBe('measuring/one');
  expect(studyFolder(root, 'two')).toBe('packages/b/studies/two');
  expect(studyFolder(root, 'three')).toBe('packages/a/studies/three');
  expect(studyFolder(root, 'unknown')).toBe('measuring/unknown');
});

test('results may lie on another disk', async () => {
  const root = await treeOf(nxJson({ results: '/data/results' }));
  expect(resultsPath(root)).toBe('/data/results');
});

test('the command of a study has the names of this workspace', async () => {
  const root = await treeOf({
    ...nxJson({ reportTargetName: 'summary' }),
    'studies/hello/study.yaml': '',
    'studies/renamed/study.yaml': '',
    'studies/renamed/project.json': '{ "name": "speed" }',
    'studies/tagged/study.yaml': '',
    'studies/tagged/project.json': '{ "tags": ["gpu"] }',
    'studies/broken/project.json': '{ "name": ',
    'studies/broken/study.yaml': '',
  });
  expect(nxRun('hello', 'measure', root)).toBe('nx run hello:measure');
  expect(nxRun('hello', 'report', root)).toBe('nx run hello:summary');
  expect(nxRun('renamed', 'report', root)).toBe('nx run speed:summary');
  expect(studyProject('tagged', root)).toBe('tagged');
  expect(studyProject('broken', root)).toBe('broken');
});
