import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, nxRun, nxWorkspace, repository } from '../workspace.mjs';

export const nxStudy = {
  key: 'nx-study',
  title: 'nx-study: each isolated, supervised, recorded (shell worker)',
  prepare(root, count) {
    nxWorkspace(root, { plugins: ['nx-study/plugin'] });
    mkdirSync(join(root, 'workers'));
    cpSync(join(repository, 'test/fixtures/workers/shell'), join(root, 'workers/shell'), { recursive: true });
    mkdirSync(join(root, 'studies/bench'), { recursive: true });
    const numbers = Array.from({ length: count }, (_, index) => index).join(', ');
    writeFileSync(
      join(root, 'studies/bench/study.yaml'),
      `worker: shell\nsweep: { number: [${numbers}] }\nlimits: { measurements: ${count} }\n`,
    );
    commitAll(root);
    const places = { NX_STUDY_LOCK_DIR: join(root, '.nx/lock'), NX_STUDY_CACHE_DIR: join(root, '.nx/environments') };
    return {
      command: nxRun(root, places),
      clean() {
        rmSync(join(root, '.nx'), { recursive: true, force: true });
        rmSync(join(root, 'results'), { recursive: true, force: true });
      },
    };
  },
};

/** The plan of a large study, timed in a process of its own. */
export const plan = {
  measurements: 57_000,
  seconds: () =>
    Number(
      execFileSync(process.execPath, [join(import.meta.dirname, 'plan.mjs')], { encoding: 'utf8' }).match(
        /([0-9.]+) s/,
      )[1],
    ),
};
