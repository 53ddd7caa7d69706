import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Stands in for nsqlookupd and one nsqd: one topic and channel, messages by hand-out and FIN or REQ. */
export interface NsqStandIn extends AsyncDisposable {
  /** HTTP address of nsqlookupd. */
  readonly lookupAddress: string;
  readonly nsqdAddress: string;
  publish(...bodies: readonly string[]): void;
  /** Bodies that nobody finished. */
  readonly unfinished: readonly string[];
  /** Lines of commands that came. */
  readonly commands: readonly string[];
  /** Ends nsqd and its connections; what is unfinished is kept. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

interface Kept {
  readonly id: string;
  readonly frame: Buffer;
  readonly body: string;
  inFlight: Socket | undefined;
}

function frame(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length + 4, 0);
  head.writeInt32BE(type, 4);
  return Buffer.concat([head, data]);
}

/** The one topic and channel: who is ready gets the oldest message that nobody has. */
interface Queue {
  readonly kept: readonly Kept[];
  readonly commands: readonly string[];
  obey(socket: Socket, line: string): void;
  leave(socket: Socket): void;
  publish(body: string): void;
}

function createQueue(): Queue {
  const kept: Kept[] = [];
  const commands: string[] = [];
  const ready = new Set<Socket>();
  let count = 0;

  function handOut(): void {
    for (const socket of ready) {
      if (kept.some((one) => one.inFlight === socket)) continue;
      const next = kept.find((one) => one.inFlight === undefined);
      if (next === undefined) return;
      next.inFlight = socket;
      socket.write(next.frame);
    }
  }
  return {
    kept,
    commands,
    obey(socket, line) {
      commands.push(line);
      const [name = '', id = ''] = line.split(' ');
      const index = kept.findIndex((one) => one.id === id);
      if (name === 'SUB') socket.write(frame(0, Buffer.from('OK')));
      else if (name === 'RDY') ready.add(socket);
      else if (name === 'CLS') ready.delete(socket);
      else if (name === 'FIN' && index >= 0) kept.splice(index, 1);
      else if (name === 'REQ' && kept[index] !== undefined) kept[index].inFlight = undefined;
      handOut();
    },
    leave(socket) {
      ready.delete(socket);
      for (const one of kept) if (one.inFlight === socket) one.inFlight = undefined;
      handOut();
    },
    publish(body) {
      count += 1;
      const id = String(count).padStart(16, '0');
      const head = Buffer.alloc(10);
      head.writeBigUInt64BE(BigInt(count), 0);
      head.writeUInt16BE(1, 8);
      const data = Buffer.concat([head, Buffer.from(id), Buffer.from(body)]);
      kept.push({ id, body, frame: frame(2, data), inFlight: undefined });
      handOut();
    },
  };
}

type Certificate = { readonly cert: string; readonly key: string } | undefined;

/** Reads the commands of one connection, which may go on over TLS. */
function serve(socket: Socket, queue: Queue, certificate: Certificate): void {
  let buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('close', () => queue.leave(socket));
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    if (buffer.subarray(0, 4).toString() === '  V2') buffer = buffer.subarray(4);
    for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
      const line = buffer.toString('latin1', 0, end);
      if (line !== 'IDENTIFY') {
        buffer = buffer.subarray(end + 1);
        queue.obey(socket, line);
        continue;
      }
      const bodyAt = end + 5;
      if (buffer.length < bodyAt) return;
      const bodyEnd = bodyAt + buffer.readUInt32BE(end + 1);
      if (buffer.length < bodyEnd) return;
      const identity = buffer.toString('utf8', bodyAt, bodyEnd);
      buffer = buffer.subarray(bodyEnd);
      const wants = JSON.parse(identity) as { readonly tls_v1: boolean };
      const isSecure = wants.tls_v1 && certificate !== undefined;
      socket.write(frame(0, Buffer.from(JSON.stringify({ max_rdy_count: 9, tls_v1: isSecure }))));
      if (isSecure) secure(socket, queue, certificate);
    }
  });
}

function secure(socket: Socket, queue: Queue, certificate: Certificate): void {
  socket.removeAllListeners('data');
  const secured = new TLSSocket(socket, { isServer: true, ...certificate });
  secured.once('secure', () => secured.write(frame(0, Buffer.from('OK'))));
  serve(secured, queue, undefined);
}

/** @param certificate with it, TLS is spoken with those who ask for it */
export async function startNsqStandIn(certificate?: Certificate): Promise<NsqStandIn> {
  const queue = createQueue();
  const sockets = new Set<Socket>();
  const nsqd = createServer((socket) => {
    sockets.add(socket);
    serve(socket, queue, certificate);
  });
  nsqd.listen(0, '127.0.0.1');
  await once(nsqd, 'listening');
  const { port } = nsqd.address() as AddressInfo;
  const lookup = createHttpServer((_request, response) => {
    const producers = [{ broadcast_address: '127.0.0.1', tcp_port: port }];
    response.end(JSON.stringify({ channels: [], producers }));
  });
  lookup.listen(0, '127.0.0.1');
  await once(lookup, 'listening');
  const kill = async (): Promise<void> => {
    if (!nsqd.listening) return;
    const closed = once(nsqd, 'close');
    nsqd.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  return {
    lookupAddress: `127.0.0.1:${(lookup.address() as AddressInfo).port}`,
    nsqdAddress: `127.0.0.1:${port}`,
    commands: queue.commands,
    get unfinished() {
      return queue.kept.map(({ body }) => body);
    },
    publish(...bodies) {
      for (const body of bodies) queue.publish(body);
    },
    kill,
    async restart() {
      nsqd.listen(port, '127.0.0.1');
      await once(nsqd, 'listening');
    },
    async [Symbol.asyncDispose]() {
      await kill();
      lookup.close();
      lookup.closeAllConnections();
    },
  };
}
