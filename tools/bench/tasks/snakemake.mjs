import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '9.27.1';

export const snakemake = {
  key: 'snakemake',
  title: `Snakemake: \`--cores 1\`, one shell job each`,
  prepare(root, count) {
    mkdirSync(root, { recursive: true });
    const python = ['python3.13', 'python3.12', 'python3.11', 'python3'].find(
      (name) => spawnSync(name, ['-c', 'import venv, ensurepip']).status === 0,
    );
    if (!python) return { unavailable: 'no Python with venv' };
    const environment = join(root, 'environment');
    spawnSync(python, ['-m', 'venv', environment]);
    const pip = spawnSync(join(environment, 'bin/pip'), ['install', '--quiet', `snakemake==${VERSION}`], {
      encoding: 'utf8',
    });
    if (pip.status !== 0) return { unavailable: pip.stderr.trim().split('\n').at(-1) };
    const work = join(root, 'work');
    mkdirSync(work);
    writeFileSync(
      join(work, 'Snakefile'),
      `rule all:\n    input: expand("results/{i}.json", i=range(${count}))\n\nrule measure:\n    output: "results/{i}.json"\n    resources: gpu=1\n    shell: "printf '{{\\"answer\\":42}}' > {output}"\n`,
    );
    return {
      command: {
        file: join(environment, 'bin/snakemake'),
        args: ['--cores', '1', '--resources', 'gpu=1', '--quiet', 'all'],
        cwd: work,
        env: {},
      },
      clean() {
        rmSync(join(work, '.snakemake'), { recursive: true, force: true });
        rmSync(join(work, 'results'), { recursive: true, force: true });
      },
    };
  },
};
