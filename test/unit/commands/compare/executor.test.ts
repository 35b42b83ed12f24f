import { expect, test, vi } from 'vitest';
import compare from '../../../../plugins/nx-study/src/commands/compare/executor.ts';
import { treeOf } from '../../../helpers/tree.ts';

const nxJson = (results: string) => JSON.stringify({ plugins: [{ plugin: 'nx-study/plugin', options: { results } }] });

/** What the command says about another working tree, and whether it succeeds. */
async function compared(root: string, base?: string) {
  const said: string[] = [];
  const write = (text: unknown) => void said.push(String(text));
  vi.spyOn(console, 'error').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (write(text), true));
  const { success } = await compare({ study: 'hello', ...(base !== undefined && { base }) }, { root });
  return { success, text: said.join('\n') };
}

test('two working trees that share their results are not compared', async () => {
  const root = await treeOf({ 'nx.json': nxJson('/data/results') });
  const base = await treeOf({ 'nx.json': nxJson('/data/results'), 'studies/hello/study.yaml': 'worker: shell' });
  const { success, text } = await compared(root, base);
  expect(success).toBe(false);
  expect(text).toContain(`${base} keeps its results where this workspace does, in /data/results`);
});

test('a folder that is no workspace, and the workspace itself, are refused', async () => {
  const root = await treeOf({ 'nx.json': '{}' });
  const other = await treeOf({ 'package.json': '{}' });
  expect((await compared(root, other)).text).toContain(`${other} is no workspace: it has no nx.json`);
  expect((await compared(root, root)).text).toContain(`${root} is this workspace itself`);
});

test('without a base it says how to get one', async () => {
  const root = await treeOf({ 'nx.json': '{}' });
  expect((await compared(root)).text).toContain(
    'nx run hello:compare --base=../base. git worktree add ../base <commit>',
  );
});
