import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface FakeDocker {
  /** A folder with the program `docker`, for the PATH. */
  bin: string;
  /** Where it keeps its containers, each a file of JSON. */
  containers: string;
  /** What it was asked, a line each. */
  asked(): string[];
}

/** A program that answers as docker does: its containers are processes of this machine. */
export function installDocker(folder: string): FakeDocker {
  const bin = join(folder, 'bin');
  const containers = join(folder, 'state/containers');
  for (const made of [bin, containers]) mkdirSync(made, { recursive: true });
  const program = join(import.meta.dirname, 'docker.mjs');
  writeFileSync(
    join(bin, 'docker'),
    `#!/bin/sh\nexec '${process.execPath}' '${program}' '${dirname(containers)}' "$@"\n`,
  );
  chmodSync(join(bin, 'docker'), 0o755);
  return { bin, containers, asked: () => readFileSync(join(folder, 'state/asked'), 'utf8').trim().split('\n') };
}
