import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { expect, test } from 'vitest';
import { processIdentity } from '../../plugins/nx-study/src/machine/process.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';

// A machine that has a GPU by what the kernel says of it, for one command.
const WITH_GPU = `mount -t tmpfs none /proc/driver && mkdir -p /proc/driver/nvidia/gpus/0000:01:00.0 &&
  echo 'Model: NVIDIA H100 80GB HBM3' > /proc/driver/nvidia/gpus/0000:01:00.0/information && exec "$@"`;
const onGpuMachine = ['-rm', 'sh', '-c', WITH_GPU, 'sh'];
const canPretend =
  process.platform === 'linux' && !execaSync('unshare', [...onGpuMachine, 'true'], { reject: false }).failed;
const GPU = 'GPU-5f1e0c1a-0000';

test.runIf(canPretend)('nothing starts on a GPU whose memory an earlier worker has not given back', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { next: studyOf([{ label: 'a' }]) } });
  const { home, root, env } = workspace;
  const gpuHas = (free_mib: number) => {
    const program = `#!/bin/sh\ncase "$1" in *compute-apps*) ;; *) echo '0, ${GPU}, 81559, ${free_mib}';; esac\n`;
    writeFileSync(join(home, 'nvidia-smi'), program, { mode: 0o755 });
  };
  const measure = async (more: Record<string, string> = {}) => {
    const nx = [process.execPath, join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'measure'];
    const PATH = `${home}:${process.env['PATH']}`;
    return execa('unshare', [...onGpuMachine, ...nx], { cwd: root, reject: false, env: { ...env, PATH, ...more } });
  };
  // As a supervisor leaves it that was killed together with its worker.
  const { bootId } = (await processIdentity())!;
  const note = { boot: bootId, gpus: [{ uuid: GPU, free_bytes: 80_000 * 2 ** 20 }], processes: [], left: [] };
  mkdirSync(env['NX_STUDY_LOCK_DIR']!, { recursive: true });
  writeFileSync(join(env['NX_STUDY_LOCK_DIR']!, 'gpu-memory.json'), JSON.stringify(note));
  gpuHas(70_000);

  const first = await measure();
  expect(first.exitCode).toBe(1);
  expect(workspace.starts()).toEqual([]);
  const [failed] = workspace.failed('next');
  expect(failed!.failure).toMatchObject({
    type: 'platform',
    message: expect.stringMatching(/^10000 MiB of GPU memory .* NX_STUDY_IGNORE_MEMORY=1$/),
  });

  gpuHas(80_000);
  expect((await measure()).exitCode).toBe(0);
  expect(workspace.finished('next')).toMatchObject([{ label: 'a', findings: [] }]);
});
