import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

/** Tokens per second; decoding begins behind a prompt, as ours does. */
export function runLlamaBench(program, modelFile) {
  const { threads, promptTokens, newTokens, iterations } = shape;
  const bench = (args) => {
    const common = ['-m', modelFile, '-t', threads, '-r', iterations, '-o', 'json', ...args].map(String);
    return JSON.parse(execFileSync(program, common, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))[0];
  };
  return {
    prefill_tok_s: bench(['-p', promptTokens, '-n', 0]).avg_ts,
    decode_tok_s: bench(['-p', 0, '-n', newTokens, '-d', promptTokens]).avg_ts,
  };
}
