import { execa } from 'execa';
import { waitForAbort } from '../base/wait.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';

/** Runs `nvidia-smi` with these arguments; its output, or why there is none. Never throws. */
export type NvidiaSmi = (args: string[]) => Promise<Known<string>>;

const TIME_LIMIT_S = 10;

/** Runs the program itself. One that hangs in the driver can't be killed: after 10 s, or when `signal` aborts, it is abandoned. */
export const nvidiaSmi =
  ({ program = 'nvidia-smi', signal }: { program?: string; signal?: AbortSignal } = {}): NvidiaSmi =>
  async (args) => {
    if (signal?.aborted) return absent('stopped');
    const asked = execa(program, args, { reject: false, stdin: 'ignore', env: { LC_ALL: 'C' } });
    const answered = new AbortController();
    const givenUp = AbortSignal.any([answered.signal, ...(signal ? [signal] : [])]);
    const answer = await Promise.race([asked, waitForAbort(givenUp, 1000 * TIME_LIMIT_S)]);
    answered.abort();
    if (typeof answer !== 'boolean')
      return answer.failed ? absent(answer.shortMessage?.split('\n')[0] ?? 'nvidia-smi failed') : known(answer.stdout);
    asked.kill('SIGKILL');
    asked.stdout.destroy();
    asked.stderr.destroy();
    asked.unref();
    return absent(answer ? 'stopped' : `nvidia-smi did not answer within ${TIME_LIMIT_S} s`);
  };
