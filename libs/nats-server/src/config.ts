import { MAX_PAYLOAD_BYTES } from './constants.ts';
import type { DataDirectory } from './data-directory.ts';

/**
 * The store may use the disk; what bounds it are the limits of each stream. Set, because the
 * server's default (three quarters of what is free) would refuse streams with limits on a disk
 * that is nearly full.
 */
const STORE_MAX_BYTES = 1024 ** 4;
const MEMORY_STORE_MAX_BYTES = 256 * 1024 ** 2;
const LOG_FILE_MAX_BYTES = 10 * 1024 ** 2;
/**
 * What a power failure may cost; a killed process loses nothing, because the system has what was
 * written.
 */
const SYNC_INTERVAL_SECONDS = 10;

export interface ServerConfig {
  readonly directory: DataDirectory;
  /** Loopback port; -1 = a free one. */
  readonly port: number;
  readonly serverName: string;
  readonly token: string;
}

/** The configuration file of an embedded server: loopback only, a token, JetStream on files. */
export function configText(config: ServerConfig): string {
  const { directory } = config;
  const quoted = (text: string): string => JSON.stringify(text);
  return `# Written at every start; changes are lost.
server_name: ${quoted(config.serverName)}
host: "127.0.0.1"
port: ${config.port}
ports_file_dir: ${quoted(directory.path)}
pid_file: ${quoted(directory.pidPath)}
max_payload: ${MAX_PAYLOAD_BYTES}
authorization { token: ${quoted(config.token)} }
log_file: ${quoted(directory.logPath)}
logfile_size_limit: ${LOG_FILE_MAX_BYTES}
logfile_max_num: 2
jetstream {
  store_dir: ${quoted(directory.storePath)}
  max_file_store: ${STORE_MAX_BYTES}
  max_memory_store: ${MEMORY_STORE_MAX_BYTES}
  sync_interval: "${SYNC_INTERVAL_SECONDS}s"
}
`;
}
