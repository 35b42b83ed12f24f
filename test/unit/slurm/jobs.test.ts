import { expect, it, test } from 'vitest';
import {
  endingAccounted,
  endingShown,
  hasEnded,
  listedJobs,
  waitsForLostNode,
} from '../../../plugins/nx-study/src/slurm/jobs.ts';

it('reads jobs as squeue lists them, also a comment with the separator', () => {
  const output = '1|RUNNING|n1|root|nx-study-abc|None|a|b c\n2|PENDING||eva|nx-study-def|Resources|x\n';
  expect(listedJobs(output)).toEqual([
    { id: '1', state: 'RUNNING', node: 'n1', user: 'root', name: 'nx-study-abc', reason: 'None', comment: 'a|b c' },
    { id: '2', state: 'PENDING', node: null, user: 'eva', name: 'nx-study-def', reason: 'Resources', comment: 'x' },
  ]);
  expect(listedJobs('')).toEqual([]);
});

// As Slurm 22.05.8 printed it, without some of its fields.
const shown =
  'JobId=1 JobName=nx-study-abc UserId=root(0) Account=(null) JobState=CANCELLED Reason=None Dependency=(null) ' +
  'ExitCode=70:0 RunTime=00:00:01 ReqNodeList=(null) ExcNodeList=(null) NodeList=n1 BatchHost=n1 Comment=a|b c';

// As `sacct` of Slurm 22.05.8 with slurmdbd and MariaDB printed it.
it.each([
  ['TIMEOUT|0:0|n1|None', 'TIMEOUT', 'n1'],
  ['PREEMPTED|0:0|n3|None', 'PREEMPTED', 'n3'],
  ['NODE_FAIL|0:0|n3|None', 'NODE_FAIL', 'n3'],
  ['OUT_OF_MEMORY|0:125|n2|None', 'OUT_OF_MEMORY', 'n2'],
  ['CANCELLED by 0|0:0|None assigned|None', 'CANCELLED', null],
  ['DEADLINE|1:0|None assigned|ReqNodeNotAvail', 'DEADLINE', null],
])('reads %s from the accounts', (line, state, node) => {
  expect(endingAccounted(`${line}\n`)).toMatchObject({ state, node });
});

it('reads how a job ended from the controller, or from the accounts', () => {
  expect(endingShown(shown)).toEqual({ state: 'CANCELLED', node: 'n1', exit: '70:0', reason: null });
  expect(endingAccounted('CANCELLED by 1000|0:15|n2|None\n')).toEqual({
    state: 'CANCELLED',
    node: 'n2',
    exit: '0:15',
    reason: null,
  });
  expect(endingAccounted('')).toEqual({ state: null, node: null, exit: null, reason: null });
});

test('a job that completes is still there, and one that nobody knows has ended', () => {
  expect(['PENDING', 'CONFIGURING', 'RUNNING', 'COMPLETING', 'SUSPENDED'].map(hasEnded)).toEqual(Array(5).fill(false));
  expect(['TIMEOUT', 'NODE_FAIL', 'COMPLETED', null].map(hasEnded)).toEqual(Array(4).fill(true));
});

test('only a job that waits for a node which can not be used may wait for ever', () => {
  const waits = (state: string, reason: string) => waitsForLostNode({ state, reason });
  expect(waits('PENDING', 'ReqNodeNotAvail, UnavailableNodes:n1')).toBe(true);
  expect(waits('PENDING', 'Nodes required for job are DOWN, DRAINED or reserved')).toBe(true);
  expect(waits('PENDING', 'Resources')).toBe(false);
  expect(waits('RUNNING', 'ReqNodeNotAvail')).toBe(false);
});
