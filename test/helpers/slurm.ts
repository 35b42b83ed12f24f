import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackage } from './apt.ts';
import { waitFor } from './starts.ts';

/** A small cluster of Slurm, all of it on this machine. */
export interface Slurm {
  /** What its programs need in their environment. */
  env: { SLURM_CONF: string };
  /** The output of one of Slurm's programs. */
  run(program: string, ...args: string[]): string;
  /** Whether jobs that hold more memory than they asked for are killed. */
  limitsMemory: boolean;
  /** Kills the daemon of a node without a warning, and has the controller take the node for lost, as it would after a while. */
  loseNode(name: string): void;
  /** Starts it again, and waits until the node can be used. */
  bringBack(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a controller and some nodes, n1 and so on, without any other authentication than that all is root's. Installs the
 * packages where that may be. Returns a text with the reason where it can't run.
 */
export async function startSlurm(nodes: number): Promise<Slurm | string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Slurm is tested as root on Linux only';
  if (!existsSync('/usr/sbin/slurmctld')) for (const name of PACKAGES) installPackage(name);
  if (!existsSync('/usr/sbin/slurmctld') || !existsSync('/usr/sbin/slurmd')) return 'Slurm is not installed';
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  const names = Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
  const ports = await freePorts(nodes + 1);
  for (const name of ['state', 'log', ...names]) mkdirSync(join(folder, name));
  const conf = join(folder, 'slurm.conf');
  const limitsMemory = existsSync(join(CGROUPS, 'memory/memory.limit_in_bytes'));
  writeFileSync(conf, configuration(folder, names, ports, limitsMemory));
  // A device that each node has, so that Slurm tells jobs of it as it does of a GPU.
  writeFileSync(join(folder, 'gres.conf'), 'Name=gpu File=/dev/null\n');
  if (limitsMemory) writeFileSync(join(folder, 'cgroup.conf'), CGROUP_CONF);
  const env = { SLURM_CONF: conf };
  const controller = daemon('/usr/sbin/slurmctld', ['-D', '-c', '-f', conf], join(folder, 'log/ctld'));
  const startNode = (name: string) =>
    daemon('/usr/sbin/slurmd', ['-D', '-f', conf, '-N', name], join(folder, 'log', name));
  const daemons = new Map(names.map((name) => [name, startNode(name)]));
  const slurm: Slurm = {
    env,
    limitsMemory,
    loseNode(name) {
      daemons.get(name)!.kill('SIGKILL');
      slurm.run('scontrol', 'update', `nodename=${name}`, 'state=down', 'reason=test');
    },
    async bringBack(name) {
      await ended(daemons.get(name)!);
      daemons.set(name, startNode(name));
      // Slurm refuses that where the node has come back by itself.
      tried(() => slurm.run('scontrol', 'update', `nodename=${name}`, 'state=resume'));
      await waitFor(`node ${name}`, () => idle().includes(`${name} idle`));
    },
    run: (program, ...args) =>
      execFileSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' }),
    async stop() {
      tried(() => slurm.run('scancel', '--user=root'));
      for (const one of [...daemons.values(), controller]) await ended(one);
      for (const name of names) removeGroups(name);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const idle = () =>
    slurm
      .run('sinfo', '-h', '-N', '--partition=all', '-o', '%N %t')
      .split('\n')
      .filter((line) => line.endsWith(' idle'));
  for (let looks = 0; looks < 150; looks += 1) {
    if (tried(() => idle().length) === nodes) return slurm;
    await sleep(100);
  }
  await slurm.stop();
  return 'Slurm does not start here';
}

const PACKAGES = ['slurmctld', 'slurmd', 'slurm-client'];

const CGROUPS = '/sys/fs/cgroup';
const CGROUP_CONF = `CgroupPlugin=cgroup/v1\nCgroupMountpoint=${CGROUPS}\nConstrainRAMSpace=yes\n`;

/** Those of a node of another Slurm on this machine may be in use. */
function removeGroups(node: string): void {
  const groups = join(CGROUPS, 'memory', `slurm_${node}`);
  tried(() => execFileSync('find', [groups, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], { stdio: 'ignore' }));
}

const configuration = (folder: string, names: string[], [port, ...ports]: number[], limitsMemory: boolean): string => `
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
EnforcePartLimits=ALL
ProctrackType=proctrack/linuxproc
TaskPlugin=task/${limitsMemory ? 'cgroup' : 'none'}
FirstJobId=${port! * 10}
MpiDefault=none
MailProg=/bin/true
GresTypes=gpu
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
SlurmdParameters=config_overrides
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/%n
SlurmctldPidFile=${folder}/ctld.pid
SlurmdPidFile=${folder}/%n.pid
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=10
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
${names.map((name, index) => `NodeName=${name} NodeHostname=${name} NodeAddr=127.0.0.1 Port=${ports[index]!} CPUs=2 RealMemory=2000 Gres=gpu:1`).join('\n')}
PartitionName=all Nodes=${names.join(',')} Default=YES MaxTime=60 State=UP PriorityTier=1
PartitionName=urgent Nodes=${names.join(',')} MaxTime=60 State=UP PriorityTier=2
`;

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function daemon(program: string, args: string[], log: string): ChildProcess {
  const fd = openSync(log, 'a');
  return spawn(program, args, { stdio: ['ignore', fd, fd], detached: true });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(late);
}

function tried<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
