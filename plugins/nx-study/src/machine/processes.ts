import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { thisMachine } from './description/source.ts';
import { withDescendants } from './descendants.ts';
import { orNull } from '../base/errno.ts';
import { isDefunct, listPids, readStat } from './process.ts';

export interface NamedProcess {
  pid: number;
  parent: number;
  /** Names by which it may be known: its own, its program's, and the script that an interpreter runs. */
  names: string[];
}

/** All processes but this one, those that it descends from, and those that descend from it. */
export async function otherProcesses(proc = '/proc'): Promise<NamedProcess[]> {
  const all = process.platform === 'linux' ? fromProc(proc) : await fromPs();
  const own = relatives(all);
  return all.filter(({ pid }) => !own.has(pid));
}

function relatives(all: NamedProcess[]): Set<number> {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const ancestors = new Set<number>();
  for (let pid = process.pid; pid > 0 && !ancestors.has(pid); pid = parents.get(pid) ?? 0) ancestors.add(pid);
  return new Set([...ancestors, ...withDescendants(all, [process.pid])]);
}

function fromProc(proc: string): NamedProcess[] {
  return listPids(proc).flatMap((pid) => {
    const stat = readStat(pid, proc);
    if (stat === null || isDefunct(stat.state)) return [];
    const read = (file: string) => orNull(() => readFileSync(`${proc}/${pid}/${file}`, 'utf8')) ?? '';
    const [program = '', script = ''] = read('cmdline').split('\0');
    const names = [read('comm').trim(), basename(program), basename(script)];
    return [{ pid, parent: stat.parent, names: [...new Set(names.filter(Boolean))] }];
  });
}

async function fromPs(): Promise<NamedProcess[]> {
  const { stdout } = await thisMachine.run('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, path] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), names: [basename(path.trim())] }];
  });
}
