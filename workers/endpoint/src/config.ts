import type { Configuration as Written, Load } from '../config.d.ts';

export type { Load } from '../config.d.ts';

/** As nx-study hands it over: complete, with every default; files and assets are absolute paths. */
export type Configuration = Omit<Complete<Written>, 'workloads' | 'load'> & {
  load: Load;
  workloads: NonNullable<Written['workloads']> | null;
};

type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T;
