import { openConnection, openEvent } from './connection.ts';
import type { Connection, Sessions } from './connection.ts';

/** Connections to one server, kept as long as the server keeps them. */
export interface Pool {
  /** The free one that was used last; otherwise one that is being opened. */
  take(): Connection;
  /** Gives it back for the next request. */
  release(connection: Connection): void;
  /** One that was taken carries an answer, or the server closed it at the moment of its use. */
  noteUse(connection: Connection, isKept: boolean): void;
  /** From now on so many more than are in use are opened ahead, outside of any request; 0: none. */
  keepSpare(count: number): void;
  /** Whether the server kept one for another request so far. */
  keeps(): boolean;
  /** How many were opened so far. */
  opened(): number;
  /** How long opening the last one took; null before. */
  connect_s(): number | null;
  destroy(): void;
}

/**
 * A server that closed so many connections at their second use, and kept none, closes each after its answer without saying so:
 * from then on each request has a new one.
 */
const MOST_CLOSED = 3;

// A server that says for how long it keeps a connection closes it then; a request may be on its way.
const marginOf = (keeps_ms: number): number => Math.min(1000, keeps_ms / 2);

/** Opens no connection before the first is taken. */
export function openPool(url: URL): Pool {
  const free: Connection[] = [];
  const all = new Set<Connection>();
  const session: Sessions = { last: null };
  let spare = 0;
  let opening = 0;
  let opened = 0;
  let connect_ms: number | null = null;
  let isOver = false;
  let keeps = false;
  let closed = 0;
  const keepsNone = () => !keeps && closed >= MOST_CLOSED;
  const used = new WeakSet<Connection>();
  const open = (): Connection => {
    opened += 1;
    const connection = openConnection(url, session, (gone) => {
      all.delete(gone);
      const place = free.indexOf(gone);
      if (place !== -1) free.splice(place, 1);
    });
    all.add(connection);
    connection.socket.once(openEvent(url), () => (connect_ms = performance.now() - connection.begun_ms));
    return connection;
  };
  const ahead = () => {
    const connection = open();
    opening += 1;
    const isSettled = () => {
      opening -= 1;
      if (connection.opened_ms === null || connection.socket.destroyed) return;
      connection.idle_ms = performance.now();
      // Those that were used before come first.
      free.unshift(connection);
    };
    connection.socket.once(openEvent(url), isSettled);
    // One that the server refuses is not tried again at once.
    connection.socket.once('close', () => connection.opened_ms === null && isSettled());
  };
  const fill = () => {
    if (isOver) return;
    while (free.length + opening < spare) ahead();
  };
  return {
    take() {
      for (let connection = free.pop(); connection !== undefined; connection = free.pop()) {
        if (isFresh(connection)) {
          // Not in this request's time.
          if (spare > 0) setImmediate(fill);
          return connection;
        }
        connection.socket.destroy();
      }
      if (spare > 0) setImmediate(fill);
      return open();
    },
    release(connection) {
      connection.user = null;
      connection.idle_ms = performance.now();
      used.add(connection);
      if (isOver || keepsNone()) connection.socket.destroy();
      else if (!connection.socket.destroyed) free.push(connection);
    },
    noteUse(connection, isKept) {
      if (!used.has(connection)) return;
      if (isKept) keeps = true;
      else closed += 1;
    },
    keepSpare(count) {
      spare = count;
      fill();
    },
    keeps: () => keeps,
    opened: () => opened,
    connect_s: () => connect_ms && connect_ms / 1000,
    destroy() {
      isOver = true;
      for (const { socket } of all) socket.destroy();
    },
  };
}

const isFresh = ({ socket, idle_ms, keeps_ms }: Connection): boolean =>
  socket.writable && (keeps_ms === Infinity || performance.now() - idle_ms < keeps_ms - marginOf(keeps_ms));
