import { generate } from 'selfsigned';

/** A certificate and its key as PEM; the certificate is its own authority. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for servers (and clients) of these names, valid from now. */
export async function testCertificate(hosts: readonly string[]): Promise<TestCertificate> {
  const made = await generate([{ name: 'commonName', value: hosts[0] ?? 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: hosts.map(nameOf) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

function nameOf(
  host: string,
):
  | { readonly type: typeof DNS_NAME; readonly value: string }
  | { readonly type: typeof IP_ADDRESS; readonly ip: string } {
  return /^[\d.]+$/.test(host) ? { type: IP_ADDRESS, ip: host } : { type: DNS_NAME, value: host };
}
