import { err, ok, type Result } from '@argosy/base';

/** One broker, or what stands before brokers. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

const PLAIN_PORT = 6_650;
const SECURE_PORT = 6_651;

/**
 * Reads `pulsar://host:6650`, `pulsar+ssl://host:6651` or such with several hosts between commas.
 * @returns an error, a sentence without the url's name, when it is no such address
 */
export function parseServiceUrl(
  url: string,
): Result<readonly [BrokerAddress, ...BrokerAddress[]], string> {
  const [, scheme, hosts = ''] = /^(pulsar|pulsar\+ssl):\/\/([^/]+)\/?$/.exec(url) ?? [];
  const isSecure = scheme === 'pulsar+ssl';
  const parts = hosts.split(',');
  const found = parts.flatMap((part) => addressOf(part, isSecure) ?? []);
  const [first, ...others] = found;
  if (first === undefined || found.length < parts.length) {
    return err('must be an address such as pulsar://host:6650 or pulsar+ssl://host:6651');
  }
  return ok([first, ...others]);
}

function addressOf(text: string, isSecure: boolean): BrokerAddress | undefined {
  const [, name, digits] = /^(\[[0-9a-fA-F:.]+\]|[^\s:@]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(digits ?? (isSecure ? SECURE_PORT : PLAIN_PORT));
  if (name === undefined || port < 1 || port > 65_535) return undefined;
  return { host: name.replace(/^\[|\]$/g, ''), port, isSecure };
}
