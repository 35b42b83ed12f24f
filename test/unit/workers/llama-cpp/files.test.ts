import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ggufFiles } from '../../../../workers/llama-cpp/src/files.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

test('a file is a model, whatever its name', () => {
  const folder = folderWith('a.gguf', 'weights');
  expect(ggufFiles(join(folder, 'a.gguf'))).toEqual([join(folder, 'a.gguf')]);
  expect(ggufFiles(join(folder, 'weights'))).toEqual([join(folder, 'weights')]);
});

test('a model in parts is all of them', () => {
  const names = ['m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf'];
  const folder = folderWith(...names);
  const files = names.map((name) => join(folder, name));
  expect(ggufFiles(files[0]!)).toEqual(files);
  expect(ggufFiles(folder)).toEqual(files);
  expect(() => ggufFiles(files[1]!)).toThrow(`model: ${files[1]} is part 2 of 3; name the first part`);
  rmSync(files[2]!);
  expect(() => ggufFiles(folder)).toThrow(`model: ${names[2]} is missing in ${folder}; the model has 3 parts`);
});

test('a folder is its one model, or none', () => {
  const folder = folderWith('a.gguf', 'README.md');
  expect(ggufFiles(folder)).toEqual([join(folder, 'a.gguf')]);
  writeFileSync(join(folder, 'b.gguf'), '');
  expect(() => ggufFiles(folder)).toThrow(`model: the folder ${folder} has several models: a.gguf, b.gguf`);
  mkdirSync(join(folder, 'empty'));
  expect(() => ggufFiles(join(folder, 'empty'))).toThrow('has no GGUF file; name the file to load');
});

test('a path to nothing is told', () => {
  expect(() => ggufFiles('/nowhere/x.gguf')).toThrow('model: /nowhere/x.gguf does not exist');
});
