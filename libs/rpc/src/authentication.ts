import {
  ServerInterceptingCall,
  type Metadata,
  type ServerInterceptor,
  type ServerInterceptingCallInterface,
} from '@grpc/grpc-js';
import { statusOfError, textOf } from './status.ts';

/** A call that asks to be let in. */
export interface CallCredentials {
  /** The `authorization` metadata, such as `Bearer …`. */
  readonly authorization: string | undefined;
  /** `/package.Service/Method` */
  readonly path: string;
}

/** Names the caller, or throws ArgosyError UNAUTHENTICATED or PERMISSION_DENIED. Synchronous. */
export type Authenticate = (credentials: CallCredentials) => string;

/** Probes have no token. */
const HEALTH_PREFIX = '/grpc.health.v1.Health/';

/** Refuses calls that `authenticate` refuses, reflection included; remembers who the others are. */
export function authenticationInterceptor(
  authenticate: Authenticate,
  users: WeakMap<Metadata, string>,
): ServerInterceptor {
  return (method, call: ServerInterceptingCallInterface) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (method.path.startsWith(HEALTH_PREFIX)) {
              proceed(metadata);
              return;
            }
            try {
              const authorization = textOf(metadata, 'authorization');
              users.set(metadata, authenticate({ authorization, path: method.path }));
            } catch (error) {
              call.sendStatus(statusOfError(error));
              return;
            }
            proceed(metadata);
          },
        });
      },
    });
}
