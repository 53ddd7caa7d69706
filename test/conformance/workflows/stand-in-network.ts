import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { testCertificate } from '@argosy/testkit';

/** The hosts that cases ask for something. What they answer does not matter to any expectation. */
const HOSTS = ['raw.githubusercontent.com', 'argoproj.github.io', 'httpbin'];

/** Named by the cases' requests through HTTP_PROXY and HTTPS_PROXY of this process, until it is stopped. */
export interface StandInNetwork {
  stop(): void;
}

/**
 * Stands in for the Internet: a proxy on this machine that answers for the hosts which cases name, over TLS
 * with a certificate of its own, and refuses all others as a proxy does that cannot resolve a name.
 */
export async function startStandInNetwork(): Promise<StandInNetwork> {
  const certificate = await testCertificate(HOSTS);
  const tls = createTlsServer(certificate, answer);
  const proxy = createServer((request, response) => {
    if (HOSTS.includes(URL.parse(request.url ?? '')?.hostname ?? '')) answer(request, response);
    else response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    const host = (request.url ?? '').replace(/:\d+$/, '');
    if (!HOSTS.includes(host)) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    tls.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  process.env['HTTP_PROXY'] = url;
  process.env['HTTPS_PROXY'] = url;
  process.env['NO_PROXY'] = '127.0.0.1,localhost';
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  return {
    stop() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url }));
}
