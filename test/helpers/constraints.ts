import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { readWorker } from '../../plugins/nx-study/src/worker/read.ts';

const root = join(import.meta.dirname, '../..');

interface Finding {
  rule: string | null;
  state: 'seen' | 'changed' | 'not-run';
  version: string | null;
  text: string;
}

/** Each rule of a worker's table was asked of the installed engine, which did what the rule says of it. */
export async function testsOfEngine(name: string): Promise<void> {
  const { constraints } = await readWorker(root, name);
  const { rules } = constraints!;
  const seen = rules.filter(({ engine }) => engine.seen !== null);
  let findings: Finding[];

  describe(`the engine of ${name}`, () => {
    beforeAll(async () => {
      const options = { cwd: root, reject: false };
      const { stdout, stderr } = await execa(process.execPath, ['tools/constraints.mjs', '--json', name], options);
      if (stdout === '') throw new Error(stderr);
      findings = JSON.parse(stdout) as Finding[];
    });

    test.each(seen)('$engine.does by itself: $id', ({ id, engine }) => {
      expect(findings.find(({ rule }) => rule === id)).toMatchObject({ state: 'seen', version: engine.seen });
    });

    test('has no rule that could be seen here and was not, and a table for its version', () => {
      expect(findings.filter(({ state }) => state === 'changed')).toEqual([]);
      const notRun = findings.filter(({ state }) => state === 'not-run').map(({ rule }) => rule);
      expect(notRun).toEqual(rules.filter(({ engine }) => engine.seen === null).map(({ id }) => id));
    });
  });
}
