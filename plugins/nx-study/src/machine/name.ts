import { hostname } from 'node:os';

/**
 * The name of this machine. Within a job of Slurm it is the node's name where that isn't the host's: one host may stand for
 * several nodes. Names of the same host, short and with its domain, are one.
 */
export function machineName(node = process.env['SLURMD_NODENAME'], host = hostname()): string {
  const isOfHost = !node || node === host || node.split('.')[0] === host.split('.')[0];
  return isOfHost ? host : node;
}
