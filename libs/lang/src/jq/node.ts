/** A filter of jq: takes one value, gives any number of values. */
export type JqNode =
  | { readonly kind: 'Identity' }
  | { readonly kind: 'RecurseDefault' }
  | { readonly kind: 'Literal'; readonly value: unknown }
  | { readonly kind: 'Text'; readonly parts: readonly (string | JqNode)[] }
  | { readonly kind: 'Field'; readonly owner: JqNode; readonly key: JqNode }
  | { readonly kind: 'Slice'; readonly owner: JqNode; readonly from?: JqNode; readonly to?: JqNode }
  | { readonly kind: 'Iterate'; readonly owner: JqNode }
  | { readonly kind: 'Try'; readonly body: JqNode; readonly handler?: JqNode }
  | { readonly kind: 'Pipe' | 'Comma'; readonly left: JqNode; readonly right: JqNode }
  | { readonly kind: 'Negate'; readonly body: JqNode }
  | {
      readonly kind: 'Binary';
      readonly operator: string;
      readonly left: JqNode;
      readonly right: JqNode;
    }
  | {
      readonly kind: 'Assign';
      readonly operator: string;
      readonly left: JqNode;
      readonly right: JqNode;
    }
  | { readonly kind: 'Array'; readonly body?: JqNode }
  | {
      readonly kind: 'Object';
      readonly members: readonly { readonly key: JqNode; readonly value: JqNode }[];
    }
  | {
      readonly kind: 'If';
      readonly condition: JqNode;
      readonly then: JqNode;
      readonly otherwise: JqNode;
    }
  | { readonly kind: 'Variable'; readonly name: string }
  | { readonly kind: 'Bind'; readonly source: JqNode; readonly name: string; readonly body: JqNode }
  | {
      readonly kind: 'Reduce';
      readonly source: JqNode;
      readonly name: string;
      readonly start: JqNode;
      readonly update: JqNode;
    }
  | { readonly kind: 'Call'; readonly name: string; readonly args: readonly JqNode[] };
