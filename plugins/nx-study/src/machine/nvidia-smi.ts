import { execa } from 'execa';
import { absent, known } from './known.ts';
import type { Known } from './known.ts';

/** Asks the NVIDIA driver's program something. */
export type NvidiaSmi = (args: string[]) => Promise<Known<string>>;

const TIME_LIMIT_S = 10;

/** A program that hangs in the driver can't be killed: at the time limit, or when `signal` aborts, it is left alone. */
export const nvidiaSmi =
  ({ program = 'nvidia-smi', signal }: { program?: string; signal?: AbortSignal } = {}): NvidiaSmi =>
  async (args) => {
    if (signal?.aborted) return absent('stopped');
    const asked = execa(program, args, { reject: false, stdin: 'ignore', env: { LC_ALL: 'C' } });
    const patience = waitAtMost(TIME_LIMIT_S, signal);
    const answer = await Promise.race([asked, patience.over]);
    patience.end();
    if (typeof answer !== 'string')
      return answer.failed ? absent(answer.shortMessage?.split('\n')[0] ?? 'nvidia-smi failed') : known(answer.stdout);
    asked.kill('SIGKILL');
    asked.stdout.destroy();
    asked.stderr.destroy();
    asked.unref();
    return absent(answer);
  };

/** Ends with why nobody waits any longer. */
function waitAtMost(seconds: number, signal?: AbortSignal) {
  const { promise: over, resolve } = withResolve<string>();
  const onAbort = () => resolve('stopped');
  const timer = setTimeout(() => resolve(`nvidia-smi did not answer within ${seconds} s`), seconds * 1000);
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    over,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

// Promise.withResolvers needs Node 22.
function withResolve<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
