import { absent } from '../../base/known.ts';
import type { MetricDefinition, Value } from '../kind.ts';
import type { ServedWorkload } from './schema.ts';

type Numbers = MetricDefinition & { value: Value };

/** What the client itself took and delayed: it is part of the times, and subtracted from none. */
export function clientNumbers({ client, requests }: ServedWorkload): Numbers[] {
  const common = { main: false, better: 'lower' } as const;
  const known = requests.filter(({ connection_reused }) => connection_reused !== undefined);
  return [
    {
      ...common,
      name: 'client_lag_p99_s',
      label: 'client lag',
      unit: 's',
      description: "How late the client's own timers were while it measured: the 99th percentile",
      value: client?.p99_s ?? absent('its worker did not note it'),
    },
    {
      ...common,
      name: 'client_cpu',
      label: 'client CPU',
      unit: 'cores',
      description: 'CPU time of the client per second while it measured',
      value: client?.cpu_share ?? absent('its worker did not note it'),
    },
    {
      ...common,
      name: 'connections_new',
      label: 'new connections',
      unit: '',
      description: 'Measured requests that had to open their connection, which is in their times',
      value: known.length === 0 ? absent('its worker did not note it') : newConnections({ requests }),
    },
  ];
}

/** Requests that opened a connection. */
export const newConnections = ({ requests }: Pick<ServedWorkload, 'requests'>): number =>
  requests.filter(({ connection_reused }) => connection_reused === false).length;
