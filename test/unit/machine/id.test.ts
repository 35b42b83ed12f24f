import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { machineId } from '../../../plugins/nx-study/src/machine/id.ts';

function rootWith(id: string | null): string {
  const root = mkdtempSync(join(tmpdir(), 'machine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'etc'));
  if (id !== null) writeFileSync(join(root, 'etc/machine-id'), id);
  return root;
}

const ID = '0123456789abcdef0123456789abcdef';

test('the id is a keyed hash, so that nobody has that of the system', () => {
  const own = machineId(rootWith(`${ID}\n`))!;
  expect(own).toMatch(/^[0-9a-f]{12}$/);
  expect(ID).not.toContain(own);
  const digest = createHmac('sha256', Buffer.from(ID, 'hex')).update('nx-study machine').digest('hex');
  expect(digest.startsWith(own)).toBe(true);
  expect(machineId(rootWith(ID.replace('0', '1')))).not.toBe(own);
});

test.each([null, '', 'uninitialized\n', '0'.repeat(32), 'a machine'])('%j is no id', (id) => {
  expect(machineId(rootWith(id))).toBeNull();
});
