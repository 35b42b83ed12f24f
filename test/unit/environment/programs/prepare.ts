// Prepares the environment of a workspace's worker, printing progress.
import { prepareEnvironment } from '../../../../plugins/nx-study/src/environment/prepare.ts';
import { ANY_PYTHON, worker } from '../helpers.ts';

const [workspaceRoot] = process.argv.slice(2);
await prepareEnvironment({
  workspaceRoot: workspaceRoot!,
  worker: worker({ type: 'uv', python: ANY_PYTHON, lock: 'requirements.lock' }),
  onProgress: (line) => void process.stdout.write(`${line}\n`),
});
