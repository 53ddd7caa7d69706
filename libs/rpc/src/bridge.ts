import {
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';

/** What an implementation knows about the call beside its request. */
export interface CallContext {
  /** Aborted when the caller cancels, the deadline passes, or (streams) the server stops. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; undefined when the caller set no deadline. */
  readonly deadlineAtMs: number | undefined;
  /** W3C trace context of the caller. */
  readonly traceparent: string | undefined;
  /** Who calls, as `authenticate` said; empty without authentication. */
  readonly user: string;
}

type Unary<Input extends DescMessage, Output extends DescMessage> = (
  request: MessageShape<Input>,
  context: CallContext,
) => Promise<MessageInitShape<Output>>;

type ServerStream<Input extends DescMessage, Output extends DescMessage> = (
  request: MessageShape<Input>,
  context: CallContext,
) => AsyncIterable<MessageInitShape<Output>>;

type MethodImplementation<Method> = Method extends {
  readonly methodKind: 'unary';
  readonly input: infer Input extends DescMessage;
  readonly output: infer Output extends DescMessage;
}
  ? Unary<Input, Output>
  : Method extends {
        readonly methodKind: 'server_streaming';
        readonly input: infer Input extends DescMessage;
        readonly output: infer Output extends DescMessage;
      }
    ? ServerStream<Input, Output>
    : never;

/** The functions behind a service: one per method, under the method's local name. */
export type ServiceImplementation<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: MethodImplementation<Service['method'][Name]>;
};

/** Options of one call. */
export interface CallOptions {
  /** Unary default: RPC_DEADLINE_MS_DEFAULT; streams have none by default. Milliseconds. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly traceparent?: string;
}

type MethodCall<Method> = Method extends {
  readonly methodKind: 'unary';
  readonly input: infer Input extends DescMessage;
  readonly output: infer Output extends DescMessage;
}
  ? (request: MessageInitShape<Input>, options?: CallOptions) => Promise<MessageShape<Output>>
  : Method extends {
        readonly methodKind: 'server_streaming';
        readonly input: infer Input extends DescMessage;
        readonly output: infer Output extends DescMessage;
      }
    ? (
        request: MessageInitShape<Input>,
        options?: CallOptions,
      ) => AsyncIterable<MessageShape<Output>>
    : never;

/** The methods of a service as a caller sees them. Each throws ArgosyError only. */
export type RpcClient<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: MethodCall<Service['method'][Name]>;
} & {
  /** Closes the connection; calls under way fail with CANCELLED. */
  close(): void;
  /** Connects ahead of the first call. @throws ArgosyError UNAVAILABLE when it is not done in time. */
  connected(timeoutMs: number): Promise<void>;
};

/** grpc-js' description of a method, made from its protobuf descriptor. */
export function methodDefinition(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream:
      method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream:
      method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (value) => Buffer.from(toBinary(method.input, value)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (value) => Buffer.from(toBinary(method.output, value)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}
