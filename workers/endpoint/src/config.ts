import { Unsupported } from '../../kits/node/index.ts';
import type { Configuration as Written, Lengths, Load } from '../config.d.ts';

export type { Load } from '../config.d.ts';

/** Complete, with every default; files and assets are absolute paths. */
export type Configuration = Omit<
  Complete<Written>,
  | 'workloads'
  | 'load'
  | 'server'
  | 'telemetry'
  | 'dataset'
  | 'prefix'
  | 'turns'
  | 'prompt_tokens'
  | 'new_tokens'
  | 'inputs_per_request'
> & {
  /** Left out: 1. */
  inputs_per_request?: number;
  load: Load;
  prompt_tokens: Lengths;
  new_tokens: Lengths;
  dataset: Complete<NonNullable<Written['dataset']>> | null;
  prefix: Complete<NonNullable<Written['prefix']>> | null;
  turns: Complete<NonNullable<Written['turns']>> | null;
  workloads: NonNullable<Written['workloads']> | null;
  /** One that this worker starts. */
  server: OwnServer | null;
  telemetry: Telemetry | null;
};

/** Texts of each request for embeddings; null where answers are asked for. */
export const inputsOf = ({
  api,
  inputs_per_request,
}: Pick<Configuration, 'api' | 'inputs_per_request'>): number | null =>
  api === 'embeddings' ? (inputs_per_request ?? 1) : null;

type Server = NonNullable<Written['server']>;
type OwnServer = Complete<Omit<Server, 'command' | 'expect'>> & { command: NonNullable<Server['command']> };

/** What a server must tell of itself. */
export type Expected = NonNullable<Server['expect']>;

export type Telemetry = { [Key in keyof NonNullable<Written['telemetry']>]-?: NonNullable<Written['telemetry']>[Key] };

type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T;

/**
 * As nx-study hands it over. A server without a command is one that runs already.
 * @throws Unsupported where it has what only a command can mention.
 */
export function readConfiguration(handed: unknown): { configuration: Configuration; expected: Expected } {
  const { server, ...rest } = handed as Omit<Configuration, 'server'> & Pick<Written, 'server'>;
  const { expect: expected = {}, command, ...own } = server ?? {};
  if (command !== undefined) return { configuration: { ...rest, server: { ...own, command } as OwnServer }, expected };
  const unused = (['assets', 'files', 'env'] as const).filter((key) => Object.keys(own[key] ?? {}).length > 0);
  if (unused.length > 0)
    throw new Unsupported(
      `server.command: it is missing, and without it nothing uses server.${unused.join(', server.')}`,
    );
  return { configuration: { ...rest, server: null }, expected };
}
