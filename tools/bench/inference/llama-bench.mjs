import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shape } from './shape.mjs';

/** llama-bench of the release that node-llama-cpp carries: its sources come with the package. Takes a while, once. */
export function buildLlamaBench(modules, cacheDir) {
  const root = join(cacheDir, 'bench/llama.cpp');
  const program = join(root, 'build/bin/llama-bench');
  if (existsSync(program)) return program;
  console.error('building llama-bench from the sources in node-llama-cpp …');
  mkdirSync(root, { recursive: true });
  const run = (file, args) => execFileSync(file, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(join(root, 'source')))
    run('git', ['clone', '-q', join(modules, 'node-llama-cpp/llama/gitRelease.bundle'), 'source']);
  const switches = ['CURL', 'BUILD_TESTS', 'BUILD_SERVER', 'BUILD_UI'].map((name) => `-DLLAMA_${name}=OFF`);
  run('cmake', ['-S', 'source', '-B', 'build', '-DCMAKE_BUILD_TYPE=Release', ...switches]);
  run('cmake', ['--build', 'build', '--target', 'llama-bench', '-j2']);
  return program;
}

/**
 * The same llama-bench on the libraries that the worker runs on: builds of the same sources differ by several percent.
 * They stand beside a copy of the program, where it looks for them, under the names that it was linked with.
 */
export function onLibrariesOf(modules, program, folder) {
  const packages = join(modules, '@node-llama-cpp');
  const libraries = readdirSync(packages, { recursive: true }).filter((path) => /\/lib[^/]*\.so$/.test(path));
  if (libraries.length === 0) throw new Error(`no shared libraries in ${packages}`);
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, 'llama-bench');
  copyFileSync(program, copy);
  for (const path of libraries) {
    const name = path.split('/').at(-1);
    symlinkSync(join(packages, path), join(folder, name));
    // libllama.v0.5.0.so is linked as libllama.so.0.
    symlinkSync(join(packages, path), join(folder, `${name.replace(/(\.v[\d.]+)?\.so$/, '')}.so.0`));
  }
  symlinkSync(join(dirname(program), 'libllama-bench-impl.so'), join(folder, 'libllama-bench-impl.so'));
  return copy;
}

/** Tokens per second; decoding begins behind a prompt, as ours does. */
export function runLlamaBench(program, modelFile) {
  const { threads, promptTokens, newTokens, iterations } = shape;
  const bench = (args) => {
    const common = ['-m', modelFile, '-t', threads, '-r', iterations, '-o', 'json', ...args].map(String);
    const env = { ...process.env, LD_LIBRARY_PATH: dirname(program) };
    return JSON.parse(execFileSync(program, common, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env }))[0];
  };
  return {
    prefill_tok_s: bench(['-p', promptTokens, '-n', 0]).avg_ts,
    decode_tok_s: bench(['-p', 0, '-n', newTokens, '-d', promptTokens]).avg_ts,
  };
}
