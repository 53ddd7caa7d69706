import { randomUUID } from 'node:crypto';
import {
  commandSubject,
  decodeCommandReply,
  encodeCommand,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  type RunCommand,
} from '@argosy/api';
import { ArgosyError, partitionOf, type ErrorCode, type Refusal } from '@argosy/base';
import type { Bus, BusMessage } from '@argosy/bus';
import type { ControlCommand } from '@argosy/core-workflow';

/** Who sends a command, and in which trace. */
export interface Sender {
  readonly user: string;
  readonly traceparent?: string | undefined;
}

/** Commands to the owners of runs. */
export interface Commands {
  /**
   * Stores the command that starts a run and waits for its owner to take it.
   * @returns false when the owner has not answered in time; the command is stored then.
   * @throws ArgosyError with the owner's refusal; UNAVAILABLE when it could not be stored.
   */
  submit(
    run: { readonly uid: string; readonly namespace: string; readonly name: string },
    options: {
      readonly workflowJson: string;
      readonly sender: Sender;
      readonly timeoutMs: number;
    },
  ): Promise<boolean>;
  /**
   * Stores a control command and waits for its owner to carry it out.
   * @throws ArgosyError with the owner's refusal; DEADLINE_EXCEEDED when it has not answered in time.
   */
  control(uid: string, command: ControlCommand, sender: Sender): Promise<void>;
}

const CODE_OF_REFUSAL: Readonly<Record<Refusal['code'], ErrorCode>> = {
  AlreadyExists: 'ALREADY_EXISTS',
  NotFound: 'NOT_FOUND',
  FailedPrecondition: 'FAILED_PRECONDITION',
  InvalidArgument: 'INVALID_ARGUMENT',
  ResourceExhausted: 'RESOURCE_EXHAUSTED',
};

export function createCommands(
  bus: Bus,
  options: { readonly partitions: number; readonly timeoutMs: number },
): Commands {
  const messageOf = (uid: string, command: RunCommand, sender: Sender): BusMessage => {
    const isSubmit = command.kind === 'Submit';
    const id = isSubmit ? uid : randomUUID();
    const what = isSubmit ? 'submit' : `control-${id}`;
    return {
      subject: commandSubject(partitionOf(uid, options.partitions), uid, what),
      event: {
        id,
        source: '/gateway',
        type: isSubmit ? EVENT_TYPES.workflowSubmit : EVENT_TYPES.workflowControl,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        data: encodeCommand(command),
      },
      ...(sender.traceparent === undefined ? {} : { traceparent: sender.traceparent }),
    };
  };
  return {
    async submit(run, { workflowJson, sender, timeoutMs }) {
      const submit = { ...run, workflowJson, creator: sender.user };
      const message = messageOf(run.uid, { kind: 'Submit', submit }, sender);
      try {
        const reply = await bus.publishForReply(message, { messageId: run.uid, timeoutMs });
        refuse(reply);
        return true;
      } catch (error) {
        if (ArgosyError.fromUnknown(error).code === 'DEADLINE_EXCEEDED') return false;
        throw error;
      }
    },
    async control(uid, command, sender) {
      const message = messageOf(uid, { kind: 'Control', uid, command, user: sender.user }, sender);
      const { timeoutMs } = options;
      const reply = await bus.publishForReply(message, { timeoutMs }).catch((error: unknown) => {
        const known = ArgosyError.fromUnknown(error);
        if (known.code !== 'DEADLINE_EXCEEDED') throw known;
        const text =
          `The run's owner has not answered within ${timeoutMs} ms. The command is stored and will ` +
          'be carried out when a scheduler takes over: look at the run before you repeat it.';
        throw new ArgosyError('DEADLINE_EXCEEDED', text, { cause: error });
      });
      refuse(reply);
    },
  };
}

/** @throws ArgosyError when the owner said no. */
function refuse(message: BusMessage): void {
  const reply = decodeCommandReply(message.event.data);
  if (reply.accepted) return;
  const code = CODE_OF_REFUSAL[reply.code as Refusal['code']] as ErrorCode | undefined;
  throw new ArgosyError(code ?? 'INTERNAL', reply.message);
}
