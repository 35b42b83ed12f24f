import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics.mjs';
import { measuredStudy } from './study.mjs';

const cases = [
  { title: 'as measured, from its journal', options: {} },
  { title: 'all measured before an edit of the code, so that nothing counts', options: { version: 'b' } },
  { title: 'without a journal, from what lies on the disk', options: { journal: false } },
];

/** Times a status of a study of so many measurements, with the loading of our code and without what Nx does before, and prints a Markdown table. */
export async function benchStatus(count, rounds) {
  console.log(
    `| status of ${count.toLocaleString('en-US')} measurements | loading | first look | together | its CPU time | again, in --watch | the very first time |`,
  );
  console.log('|---|---|---|---|---|---|---|');
  const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    for (const [index, { title, options }] of cases.entries()) {
      const root = join(home, String(index));
      const planFile = join(home, `${index}.json`);
      writeFileSync(planFile, JSON.stringify(await measuredStudy(root, count, options)));
      // What was written just now may change unseen, and isn't remembered.
      await sleep(2500);
      const look = () =>
        JSON.parse(
          execFileSync(process.execPath, [join(import.meta.dirname, 'look.mjs'), root, planFile], { encoding: 'utf8' }),
        );
      // Each result is read once, and found whole.
      const before = look();
      const looks = Array.from({ length: rounds }, look);
      const text = (value) => `${median(looks.map(value)).toFixed(3)} s`;
      const of = (key) => text((look) => look[key]);
      const together = text(({ load_s, first_s }) => load_s + first_s);
      console.log(
        `| ${title} | ${of('load_s')} | ${of('first_s')} | ${together} | ${of('cpu_s')} | ${of('again_s')} | ${before.first_s.toFixed(3)} s |`,
      );
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
