import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openNodes } from '../../../../plugins/nx-study/src/measure/slurm/nodes.ts';
import { plainExecution } from '../../../helpers/execution.ts';
import { aTask } from '../task.ts';

async function nodesOf(nodelist: string | null, lanes: number) {
  const root = await mkdtemp(join(tmpdir(), 'nodes-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const slurm = { ...plainExecution.slurm, nodelist };
  const lane = (number: number) => aTask({ lane: number, execution: { ...plainExecution, lanes, slurm } });
  const open = () => openNodes(root, async (list) => list.split('+'));
  return { open, lane };
}

test('with as many named nodes as lanes each lane has its own, whatever happens', async () => {
  const { open, lane } = await nodesOf('a+b', 2);
  const nodes = open();
  await nodes.keep(lane(2), 'c');
  expect(await nodes.of(lane(1))).toEqual({ node: 'a', mayMove: false });
  expect(await nodes.of(lane(2))).toEqual({ node: 'b', mayMove: false });
});

test('else a lane keeps the node of its first job, also in the next run, until that is lost', async () => {
  const { open, lane } = await nodesOf(null, 2);
  const nodes = open();
  expect(await nodes.of(lane(1))).toEqual({ node: null, mayMove: true });
  // At the same time, as lanes end.
  await Promise.all([nodes.keep(lane(1), 'a'), nodes.keep(lane(2), 'b')]);
  await nodes.keep(lane(1), 'c');
  expect(await nodes.of(lane(1))).toEqual({ node: 'a', mayMove: true });
  expect(await open().of(lane(2))).toEqual({ node: 'b', mayMove: true });
  await nodes.drop(lane(1));
  expect(await open().of(lane(1))).toEqual({ node: null, mayMove: true });
});

test('a lane does not stay on the node of another one', async () => {
  const { open, lane } = await nodesOf(null, 2);
  const nodes = open();
  await nodes.keep(lane(1), 'a');
  await nodes.keep(lane(2), 'a');
  expect(await nodes.of(lane(2))).toEqual({ node: null, mayMove: true });
});

test('with fewer named nodes than lanes some lanes share a node; a kept one that the study names no more is left', async () => {
  const { open, lane } = await nodesOf('b+c', 3);
  const nodes = open();
  await nodes.keep(lane(1), 'a');
  const of = await Promise.all([1, 2, 3].map((number) => nodes.of(lane(number))));
  expect(of).toEqual(['b', 'c', 'b'].map((node) => ({ node, mayMove: false })));
});

test('a lane keeps a node for each demand of its workers, the same one where that can be', async () => {
  const { open } = await nodesOf(null, 2);
  const slurm = { ...plainExecution.slurm, partition: 'cpu', workers: { large: { partition: 'gpu' } } };
  const of = (worker: string, lane = 1) => aTask({ worker, lane, execution: { ...plainExecution, lanes: 2, slurm } });
  const nodes = open();
  await nodes.keep(of('small'), 'cpu1');
  await nodes.keep(of('small', 2), 'cpu2');
  expect(await nodes.of(of('large'))).toEqual({ node: 'cpu1', mayMove: true });
  // Slurm refuses it there.
  await nodes.drop(of('large'));
  expect(await nodes.of(of('large'))).toEqual({ node: null, mayMove: true });
  await nodes.keep(of('large'), 'gpu1');
  for (const later of [nodes, open()]) {
    expect(await later.of(of('large'))).toEqual({ node: 'gpu1', mayMove: true });
    expect(await later.of(of('small'))).toEqual({ node: 'cpu1', mayMove: true });
    expect(await later.of(of('small', 2))).toEqual({ node: 'cpu2', mayMove: true });
  }
});
