import { spawnSync } from 'node:child_process';
import { installPackage } from './apt.ts';

const isThere = () => spawnSync('Rscript', ['--version']).status === 0;

/** Whether R can be run; it is installed by apt where that may be. */
export function findR(): boolean {
  if (!isThere()) installPackage('r-base-core');
  return isThere();
}
