import { textOfToken } from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import { LOG_LINE_LENGTH_MAX } from '../config.ts';

/** One line of a node's log, without its end. */
export interface LogLine {
  readonly nodeId: string;
  readonly container: string;
  readonly stream: 'stdout' | 'stderr';
  readonly timeMs: number;
  readonly content: string;
}

interface Pending {
  readonly decoder: InstanceType<typeof TextDecoder>;
  text: string;
  last: LogLine;
}

/** Puts lines together from stored chunks, which may end within a line or within a character. */
export interface LineAssembler {
  /** The lines that the chunk completes. */
  add(message: StoredMessage): LogLine[];
  /** What is left of lines that were never ended. */
  rest(): LogLine[];
}

export function createLineAssembler(): LineAssembler {
  const pendings = new Map<string, Pending>();
  return {
    add(message) {
      const frame = frameOf(message);
      const key = `${frame.nodeId}/${frame.container}/${frame.stream}`;
      const pending = pendings.get(key) ?? { decoder: new TextDecoder(), text: '', last: frame };
      pendings.set(key, pending);
      pending.last = frame;
      pending.text += pending.decoder.decode(message.event.data, { stream: true });
      const parts = pending.text.split('\n');
      pending.text = parts.pop() ?? '';
      const lines = parts.flatMap((part) => piecesOf(part));
      while (pending.text.length > LOG_LINE_LENGTH_MAX) {
        lines.push(pending.text.slice(0, LOG_LINE_LENGTH_MAX));
        pending.text = pending.text.slice(LOG_LINE_LENGTH_MAX);
      }
      return lines.map((content) => ({ ...frame, content }));
    },
    rest() {
      const lines = Array.from(pendings.values())
        .filter((pending) => pending.text !== '')
        .map((pending) => ({ ...pending.last, content: pending.text }));
      pendings.clear();
      return lines;
    },
  };
}

function frameOf(message: StoredMessage): LogLine {
  const { extensions = {}, time } = message.event;
  const timeMs = time === undefined ? Number.NaN : Date.parse(time);
  return {
    nodeId: textOfToken(message.subject.split('.')[3] ?? ''),
    container: extensions['container'] ?? 'main',
    stream: extensions['stream'] === 'stderr' ? 'stderr' : 'stdout',
    timeMs: Number.isNaN(timeMs) ? message.storedAtMs : timeMs,
    content: '',
  };
}

function piecesOf(line: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (text.length <= LOG_LINE_LENGTH_MAX) return [text];
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += LOG_LINE_LENGTH_MAX) {
    pieces.push(text.slice(at, at + LOG_LINE_LENGTH_MAX));
  }
  return pieces;
}
