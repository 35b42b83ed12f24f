import { expect, it } from 'vitest';
import type { ListedJob } from '../../../plugins/nx-study/src/slurm/jobs.ts';
import { openQueue } from '../../../plugins/nx-study/src/slurm/queue.ts';

const job = (name: string): ListedJob => ({
  id: name,
  state: 'RUNNING',
  node: 'n1',
  user: 'root',
  name,
  reason: 'None',
  comment: '',
});

it('asks for the jobs of all lanes at once, and tells each of its own', async () => {
  const asked: string[][] = [];
  const look = async (names: Iterable<string>) => {
    asked.push([...names]);
    return [job('a'), job('b')];
  };
  const queue = openQueue({ print: () => {}, look, first_ms: 5 });
  expect(await Promise.all([queue.next('a'), queue.next('b'), queue.next('c')])).toEqual([[job('a')], [job('b')], []]);
  expect(asked).toEqual([['a', 'b', 'c']]);
  queue.close();
});
