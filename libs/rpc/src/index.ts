export type { Authenticate, CallCredentials } from './authentication.ts';
export type { CallContext, CallOptions, RpcClient, ServiceImplementation } from './bridge.ts';
export { createRpcClient, type RpcClientOptions, type RpcClientTls } from './client.ts';
export type { FinishedCall } from './handler.ts';
export { RPC_DEADLINE_MS_DEFAULT, RPC_MESSAGE_BYTES_MAX } from './limits.ts';
export {
  createRpcServer,
  rpcService,
  type RpcLogger,
  type RpcServer,
  type RpcServerOptions,
  type RpcService,
} from './server.ts';
export { statusNumberOf } from './status.ts';
