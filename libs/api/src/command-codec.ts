import type { ControlCommand, LockOutcome, MemoOutcome, TaskReport } from '@argosy/core-workflow';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CommandSchema,
  CommandReplySchema,
  ReportLocksSchema,
  ReportMemoSchema,
  SubmitRunSchema,
} from './gen/argosy/workflow/v1/command_pb.js';
import type { Command, CommandReply } from './gen/argosy/workflow/v1/command_pb.js';
import { reportFromWire, reportToWire } from './task-codec.ts';

/** What starts a run. */
export interface Submit {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** The Workflow as JSON text in Argo's field names, metadata.name set. */
  readonly workflowJson: string;
  /** Who asked for it. */
  readonly creator?: string;
}

/** A command to the owner of a run. */
export type RunCommand =
  | { readonly kind: 'Submit'; readonly submit: Submit }
  | { readonly kind: 'Report'; readonly report: TaskReport }
  | {
      readonly kind: 'Control';
      readonly uid: string;
      readonly command: ControlCommand;
      readonly user?: string;
    }
  /** What became of the locks that a holder of the run asked for. */
  | {
      readonly kind: 'Locks';
      readonly uid: string;
      readonly holder: string;
      readonly outcome: LockOutcome;
    }
  /** What a cache holds for a node of the run. */
  | {
      readonly kind: 'Memo';
      readonly uid: string;
      readonly node: number;
      readonly outcome: MemoOutcome;
    };

/** The data of an `argosy.workflow.{submit,report,control}.v1` event. */
export function encodeCommand(command: RunCommand): Uint8Array {
  return toBinary(CommandSchema, create(CommandSchema, { command: commandToWire(command) }));
}

function commandToWire(command: RunCommand): Command['command'] {
  switch (command.kind) {
    case 'Submit': {
      const { workflowJson, creator, ...names } = command.submit;
      return {
        case: 'submit',
        value: create(SubmitRunSchema, {
          ...names,
          creator: creator ?? '',
          workflowJson: new TextEncoder().encode(workflowJson),
        }),
      };
    }
    case 'Report':
      return { case: 'report', value: reportToWire(command.report) };
    case 'Control':
      return {
        case: 'control',
        value: {
          $typeName: 'argosy.workflow.v1.ControlRun',
          uid: command.uid,
          user: command.user ?? '',
          commandJson: jsonBytes(command.command),
        },
      };
    case 'Locks': {
      const { uid, holder, outcome } = command;
      const value = create(ReportLocksSchema, { uid, holder, outcomeJson: jsonBytes(outcome) });
      return { case: 'locks', value };
    }
    case 'Memo': {
      const { uid, node, outcome } = command;
      const value = create(ReportMemoSchema, { uid, node, outcomeJson: jsonBytes(outcome) });
      return { case: 'memo', value };
    }
  }
}

/**
 * Reads a command; undefined when it is of a kind that this version does not know.
 * @throws Error when the bytes are no Command message.
 */
export function decodeCommand(data: Uint8Array): RunCommand | undefined {
  const { command } = fromBinary(CommandSchema, data);
  switch (command.case) {
    case 'submit': {
      const { uid, namespace, name, creator, workflowJson } = command.value;
      return {
        kind: 'Submit',
        submit: {
          uid,
          namespace,
          name,
          workflowJson: new TextDecoder().decode(workflowJson),
          ...(creator === '' ? {} : { creator }),
        },
      };
    }
    case 'report':
      return { kind: 'Report', report: reportFromWire(command.value) };
    case 'control': {
      const { uid, user, commandJson } = command.value;
      return {
        kind: 'Control',
        uid,
        command: parseJson<ControlCommand>(commandJson),
        ...(user === '' ? {} : { user }),
      };
    }
    case 'locks': {
      const { uid, holder, outcomeJson } = command.value;
      return { kind: 'Locks', uid, holder, outcome: parseJson<LockOutcome>(outcomeJson) };
    }
    case 'memo': {
      const { uid, node, outcomeJson } = command.value;
      return { kind: 'Memo', uid, node, outcome: parseJson<MemoOutcome>(outcomeJson) };
    }
    case undefined:
      return undefined;
  }
}

function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parseJson<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

/** The data of an `argosy.workflow.reply.v1` event. */
export function encodeCommandReply(
  reply: Omit<CommandReply, '$typeName' | '$unknown'>,
): Uint8Array {
  return toBinary(CommandReplySchema, create(CommandReplySchema, reply));
}

/** @throws Error when the bytes are no CommandReply message. */
export function decodeCommandReply(data: Uint8Array): CommandReply {
  return fromBinary(CommandReplySchema, data);
}
