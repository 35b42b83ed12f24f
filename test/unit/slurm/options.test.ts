import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { scriptOf, submitOptions } from '../../../plugins/nx-study/src/slurm/options.ts';
import { slurmFor } from '../../../plugins/nx-study/src/plan/slurm.ts';

const submission = { name: 'nx-study-0123', comment: 'c d', log: '/r/%j.log', folder: '/w', node: null };

it('asks for a whole node, and for nothing that the study does not name', () => {
  expect(submitOptions(slurmFor({}, 'w'), submission)).toEqual([
    '--parsable',
    '--job-name=nx-study-0123',
    '--comment=c d',
    '--output=/r/%j.log',
    '--chdir=/w',
    '--nodes=1',
    '--ntasks=1',
    '--no-requeue',
    '--export=ALL',
    '--exclusive',
    '--mem=0',
  ]);
});

it('hands settings on, a lane’s node before the list of nodes, and further options last', () => {
  const slurm = {
    partition: 'gpu',
    account: 'lab',
    gres: 'gpu:1',
    nodelist: 'n[1-3]',
    constraint: 'a100',
    time: '1:30:00',
    exclusive: false,
    prepare: 'here' as const,
    pack: 20,
    extra: ['--qos=high', '--mem=8G'],
  };
  const options = submitOptions(slurm, { ...submission, node: 'n2' });
  expect(options.slice(options.indexOf('--export=ALL') + 1)).toEqual([
    '--partition=gpu',
    '--account=lab',
    '--gres=gpu:1',
    '--nodelist=n2',
    '--constraint=a100',
    '--time=1:30:00',
    '--qos=high',
    '--mem=8G',
  ]);
  // A list of several nodes would ask for all of them at once.
  expect(submitOptions(slurm, submission).join(' ')).not.toContain('nodelist');
});

it('writes a script that hands words on as they are', () => {
  const words = ['a b', "it's", '$HOME', '"', '\\'];
  const printed = execFileSync('sh', { input: scriptOf(['printf', String.raw`%s\n`, ...words]), encoding: 'utf8' });
  expect(printed.trimEnd().split('\n')).toEqual(words);
});
