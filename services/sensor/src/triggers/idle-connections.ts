/** Connections that are kept for the next firing and closed when nobody used them for a while. */
export interface IdleConnections<Connection> {
  /** The open connection of that key, or a new one. */
  use(key: string, open: () => Promise<Connection>): Promise<Connection>;
  /** The connection broke: the next user opens another one. */
  drop(key: string): Promise<void>;
  closeAll(): Promise<void>;
}

const IDLE_MS = 60_000;
/** Most connections that are kept; the one that was used the longest ago goes first. */
const CONNECTIONS_MAX = 64;

interface Kept<Connection> {
  readonly connection: Promise<Connection>;
  timer: NodeJS.Timeout;
}

/** Keys are to hold all that tells one connection from another; they are never shown. */
export function createIdleConnections<Connection>(
  close: (connection: Connection) => Promise<void> | void,
  idleMs = IDLE_MS,
): IdleConnections<Connection> {
  const kept = new Map<string, Kept<Connection>>();

  async function drop(key: string): Promise<void> {
    const entry = kept.get(key);
    if (entry === undefined) return;
    kept.delete(key);
    clearTimeout(entry.timer);
    // One that never opened has nothing to close; whoever waited for it was told.
    const connection = await entry.connection.catch(() => undefined);
    if (connection !== undefined) await close(connection);
  }

  function idleTimer(key: string): NodeJS.Timeout {
    return setTimeout(() => void drop(key), idleMs).unref();
  }

  return {
    async use(key, open) {
      const known = kept.get(key);
      if (known !== undefined) {
        clearTimeout(known.timer);
        known.timer = idleTimer(key);
        kept.delete(key);
        kept.set(key, known);
        return known.connection;
      }
      const entry = { connection: open(), timer: idleTimer(key) };
      kept.set(key, entry);
      const [oldest] = kept.keys();
      if (kept.size > CONNECTIONS_MAX && oldest !== undefined) void drop(oldest);
      try {
        return await entry.connection;
      } catch (error) {
        if (kept.get(key) === entry) await drop(key);
        throw error;
      }
    },
    drop,
    async closeAll() {
      await Promise.all(Array.from(kept.keys(), drop));
    },
  };
}
