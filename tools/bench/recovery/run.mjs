import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../../..');
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** How often the 90 % intervals of each structure of the ideal-point model have the simulated truth; prints a Markdown table. */
export async function benchRecovery(simulations) {
  const head = [
    'structure',
    'of',
    'intervals',
    'with the truth',
    'standard error',
    'mean error',
    'correlation',
    'not aligned',
    'CPU s a fit',
  ];
  row(head);
  row(head.map(() => '---'));
  for await (const found of recoveries(simulations))
    for (const [of, share] of Object.entries(found.coverage))
      row([
        found.structure,
        of,
        found.intervals[of],
        percent(share),
        percent(found.standard_error[of]),
        (found.error[of] ?? []).map((number) => number.toFixed(3)).join(' ± '),
        found.correlation[of]?.toFixed(3) ?? '',
        `${found.not_aligned} of ${found.simulations}`,
        found.cpu_s.toFixed(1),
      ]);
}

/** What the worker's script prints, a line for each structure. */
async function* recoveries(simulations) {
  const script = ['tools/python.mjs', 'ideal-point', 'tools/recovery.py', '--simulations', String(simulations)];
  const PYTHONPATH = [join(root, 'workers/ideal-point/src'), join(root, 'workers/kits/python')].join(':');
  const child = spawn(process.execPath, script, {
    cwd: root,
    env: { ...process.env, PYTHONPATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) yield JSON.parse(line);
  if ((await ended) !== 0) throw new Error(`${script.join(' ')} failed`);
}
