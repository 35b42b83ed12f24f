import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackage } from './apt.ts';

/** A small cluster of Slurm, all of it on this machine. */
export interface Slurm {
  /** What its programs need in their environment. */
  env: { SLURM_CONF: string };
  /** The output of one of Slurm's programs. */
  run(program: string, ...args: string[]): string;
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
  writeFileSync(conf, configuration(folder, names, ports));
  const env = { SLURM_CONF: conf };
  const daemons = [
    daemon('/usr/sbin/slurmctld', ['-D', '-c', '-f', conf], join(folder, 'log/ctld')),
    ...names.map((name) => daemon('/usr/sbin/slurmd', ['-D', '-f', conf, '-N', name], join(folder, 'log', name))),
  ];
  const slurm: Slurm = {
    env,
    run: (program, ...args) =>
      execFileSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' }),
    async stop() {
      tried(() => slurm.run('scancel', '--user=root'));
      for (const one of daemons.toReversed()) await ended(one);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const idle = () =>
    slurm
      .run('sinfo', '-h', '-N', '-o', '%N %t')
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

const configuration = (folder: string, names: string[], [port, ...ports]: number[]): string => `
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
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/%n
SlurmctldPidFile=${folder}/ctld.pid
SlurmdPidFile=${folder}/%n.pid
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=10
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
${names.map((name, index) => `NodeName=${name} NodeHostname=${name} NodeAddr=127.0.0.1 Port=${ports[index]!} CPUs=2 RealMemory=2000`).join('\n')}
PartitionName=all Nodes=${names.join(',')} Default=YES MaxTime=60 State=UP
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
