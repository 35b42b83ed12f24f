import type { Configuration as Written } from '../config.d.ts';

/** As nx-study hands it over: complete, with every default; files and assets are absolute paths. */
export type Configuration = Omit<Complete<Written>, 'workloads'> & {
  workloads: NonNullable<Written['workloads']> | null;
};

type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T;
