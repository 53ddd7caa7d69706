import { ArgosyError, type ErrorCode } from '@argosy/base';
import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import type {
  Metadata,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
  sendUnaryData,
} from '@grpc/grpc-js';
import type { CallContext } from './bridge.ts';
import { statusOfError, textOf } from './status.ts';

/** What all calls of one server share. */
export interface ServerCalls {
  /** Aborted when the server stops: streams end then. */
  readonly stopping: AbortController;
  readonly users: WeakMap<Metadata, string>;
}

/** A call that is over. */
export interface FinishedCall {
  /** `package.Service.Method` */
  readonly method: string;
  /** `OK`, or the code of the error. */
  readonly code: 'OK' | ErrorCode;
  readonly durationMs: number;
}

export interface HandlerOptions {
  readonly calls: ServerCalls;
  readonly logger: { error(fields: object, message: string): void };
  readonly onFinished?: ((call: FinishedCall) => void) | undefined;
}

type Implementation = (request: Message, context: CallContext) => unknown;
type UnaryCall = ServerUnaryCall<Message, Message>;
type StreamCall = ServerWritableStream<Message, Message>;

/** grpc-js' handler around one implementation. Only unary and server-streaming methods are served. */
export function handlerOf(
  method: DescMethod,
  implementation: Implementation,
  options: HandlerOptions,
): UntypedHandleCall {
  const path = `${method.parent.typeName}.${method.name}`;
  const finished = (begunAtMs: number, code: 'OK' | ErrorCode): void => {
    options.onFinished?.({ method: path, code, durationMs: performance.now() - begunAtMs });
  };
  const failed = (begunAtMs: number, error: unknown): void => {
    const { code, message } = ArgosyError.fromUnknown(error);
    if (code === 'INTERNAL') options.logger.error({ err: error, method: path }, message);
    finished(begunAtMs, code);
  };
  if (method.methodKind === 'unary') {
    return (call: UnaryCall, reply: sendUnaryData<Message>) => {
      const begunAtMs = performance.now();
      const cancelled = new AbortController();
      call.on('cancelled', () => {
        cancelled.abort(new ArgosyError('CANCELLED', `The caller gave up ${path}.`));
      });
      void answerUnary(method, implementation, {
        request: call.request,
        context: contextOf(call, options.calls, cancelled.signal),
      }).then(
        (answer) => {
          reply(null, answer);
          finished(begunAtMs, 'OK');
        },
        (error: unknown) => {
          reply(statusOfError(error));
          failed(begunAtMs, error);
        },
      );
    };
  }
  if (method.methodKind === 'server_streaming') {
    return (call: StreamCall) => {
      const begunAtMs = performance.now();
      void answerStream(method, implementation, call, options.calls).then(
        () => {
          finished(begunAtMs, call.cancelled ? 'CANCELLED' : 'OK');
        },
        (error: unknown) => {
          call.emit('error', statusOfError(error));
          if (call.cancelled) finished(begunAtMs, 'CANCELLED');
          else failed(begunAtMs, error);
        },
      );
    };
  }
  throw new ArgosyError('UNIMPLEMENTED', `${path} streams requests, which is not served.`);
}

async function answerUnary(
  method: DescMethod,
  implementation: Implementation,
  call: { readonly request: Message; readonly context: CallContext },
): Promise<Message> {
  const answer = await implementation(call.request, call.context);
  return create(method.output, answer as never);
}

async function answerStream(
  method: DescMethod,
  implementation: Implementation,
  call: StreamCall,
  calls: ServerCalls,
): Promise<void> {
  const cancelled = new AbortController();
  const cancel = (): void => {
    cancelled.abort(new ArgosyError('CANCELLED', 'The caller gave up the stream.'));
  };
  call.on('cancelled', cancel);
  call.on('close', cancel);
  const signal = AbortSignal.any([cancelled.signal, calls.stopping.signal]);
  const context = contextOf(call, calls, signal);
  const answers = implementation(call.request, context) as AsyncIterable<never>;
  for await (const answer of answers) {
    if (signal.aborted) break;
    if (!call.write(create(method.output, answer))) await writable(call, signal);
  }
  // An implementation may end quietly when it is told to stop; the caller must still see why.
  if (calls.stopping.signal.aborted) throw calls.stopping.signal.reason as ArgosyError;
  call.end();
}

/** Resolves when the caller has taken enough to write on, or has gone. */
function writable(call: StreamCall, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      call.off('drain', finish);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    call.on('drain', finish);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}

function contextOf(
  call: UnaryCall | StreamCall,
  calls: ServerCalls,
  signal: AbortSignal,
): CallContext {
  const deadline = call.getDeadline();
  const deadlineAtMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    signal,
    deadlineAtMs: Number.isFinite(deadlineAtMs) ? deadlineAtMs : undefined,
    traceparent: textOf(call.metadata, 'traceparent'),
    user: calls.users.get(call.metadata) ?? '',
  };
}
