import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Whoever has a connection for one request. */
export interface User {
  /** So many bytes came, at a time on the clock of `performance`, in ms. They are another's after the call. */
  data(bytes: Buffer, length: number, time_ms: number): void;
  /** It is closed, in order or by an error; afterwards nothing comes. */
  closed(error: NodeJS.ErrnoException | null): void;
}

/** A connection to a server, which one request uses at a time. */
export interface Connection {
  socket: Socket;
  /** When it was asked for, and when it was open, on the clock of `performance`; null while it is being opened. */
  begun_ms: number;
  opened_ms: number | null;
  user: User | null;
  /** Since when nobody uses it. */
  idle_ms: number;
  /** For how long the server keeps it when nobody uses it; Infinity where it doesn't tell. */
  keeps_ms: number;
}

// All connections read into it, one after another: what came is looked at before the next one reads.
const shared = Buffer.allocUnsafeSlow(1 << 16);

/**
 * Opens a connection; `onClose` is told once it is gone, after its user. Bytes have the time at which they were read, before
 * anything looks at them.
 */
export function openConnection(url: URL, session: Sessions, onClose: (connection: Connection) => void): Connection {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const arrived = (bytes: Buffer, length: number) => connection.user?.data(bytes, length, performance.now());
  const socket: Socket = isSecure
    ? connectTls({
        host,
        port,
        ALPNProtocols: ['http/1.1'],
        ...(!IS_ADDRESS.test(host) && { servername: host }),
        ...(session.last && { session: session.last }),
      })
    : connect({
        host,
        port,
        onread: {
          buffer: shared,
          callback(length) {
            arrived(shared, length);
            return true;
          },
        },
      });
  const connection: Connection = {
    socket,
    begun_ms: performance.now(),
    opened_ms: null,
    user: null,
    idle_ms: 0,
    keeps_ms: Infinity,
  };
  let failure: NodeJS.ErrnoException | null = null;
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  socket.once(openEvent(url), () => (connection.opened_ms = performance.now()));
  if (isSecure) {
    socket.on('data', (bytes: Buffer) => arrived(bytes, bytes.length));
    socket.on('session', (ticket: Buffer) => (session.last = ticket));
  }
  socket.on('error', (error) => (failure ??= error));
  // Half-closed: no answer comes any more.
  socket.on('end', () => socket.destroy());
  socket.once('close', () => {
    const { user } = connection;
    connection.user = null;
    user?.closed(failure);
    onClose(connection);
  });
  return connection;
}

/** The event of a socket that says it is open. */
export const openEvent = ({ protocol }: URL): string => (protocol === 'https:' ? 'secureConnect' : 'connect');

/** The last session of TLS, with which the next connection needs less time. */
export interface Sessions {
  last: Buffer | null;
}

const KEEP_ALIVE_MS = 1000;
const IS_ADDRESS = /^[\d.]+$|:/;
