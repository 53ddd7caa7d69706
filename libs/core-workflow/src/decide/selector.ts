import { err, ok, type Result } from '@argosy/base';
import { displayNameOf, idOf, nodeNameOf, planOf } from '../names.ts';
import type { NodeRecord, RunState } from '../state.ts';

interface Requirement {
  readonly field: string;
  readonly equals: boolean;
  readonly value: string;
}

/** A node field selector, such as `displayName=approve,phase!=Failed`. */
export type NodeSelector = readonly Requirement[];

/** Reads a selector; an empty text selects every node. */
export function parseNodeSelector(text: string): Result<NodeSelector, string> {
  const requirements: Requirement[] = [];
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const match = /^\s*([^=!\s]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part);
    if (match === null) {
      return err(`invalid node field selector '${text}': '${part}' is not of the form field=value`);
    }
    requirements.push({ field: match[1] ?? '', equals: match[2] !== '!=', value: match[3] ?? '' });
  }
  return ok(requirements);
}

/** Whether a node has all that a selector asks for. */
export function selects(selector: NodeSelector, state: RunState, node: NodeRecord): boolean {
  return selector.every(({ field, equals, value }) => {
    const actual = fieldOf(state, node, field);
    return (actual === value) === equals;
  });
}

function fieldOf(state: RunState, node: NodeRecord, field: string): string | undefined {
  switch (field) {
    case 'displayName':
      return displayNameOf(state, node);
    case 'name':
      return nodeNameOf(state, node);
    case 'id':
      return idOf(state, node);
    case 'phase':
      return node.phase;
    case 'type':
      return node.type;
    case 'templateName':
    case 'templateRef.template':
      return planOf(state, node)?.name;
    case 'templateRef.name':
      return planOf(state, node)?.scope.split('/')[1];
    default:
      return inputOf(state, node, field);
  }
}

function inputOf(state: RunState, node: NodeRecord, field: string): string | undefined {
  const name = /^inputs\.parameters\.(.+?)\.value$/.exec(field)?.[1];
  const index = planOf(state, node)?.inputs.findIndex((input) => input.name === name) ?? -1;
  return node.parameters[index] ?? undefined;
}
