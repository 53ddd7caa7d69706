/** The syntax tree of an expression. `offset` is where the node's own token stands in the source. */
export type ExprNode =
  | {
      readonly kind: 'Literal';
      readonly value: null | boolean | bigint | number | string | Uint8Array;
    }
  | { readonly kind: 'Identifier'; readonly name: string; readonly offset: number }
  | {
      readonly kind: 'Member';
      readonly target: ExprNode;
      readonly property: ExprNode;
      readonly optional: boolean;
      readonly offset: number;
    }
  | { readonly kind: 'Chain'; readonly node: ExprNode }
  | {
      readonly kind: 'Slice';
      readonly target: ExprNode;
      readonly from: ExprNode | undefined;
      readonly to: ExprNode | undefined;
      readonly offset: number;
    }
  | {
      readonly kind: 'Unary';
      readonly operator: string;
      readonly operand: ExprNode;
      readonly offset: number;
    }
  | {
      readonly kind: 'Binary';
      readonly operator: string;
      readonly left: ExprNode;
      readonly right: ExprNode;
      readonly offset: number;
    }
  | {
      readonly kind: 'Conditional';
      readonly condition: ExprNode;
      readonly whenTrue: ExprNode;
      readonly whenFalse: ExprNode;
      readonly offset: number;
    }
  | { readonly kind: 'Array'; readonly items: readonly ExprNode[]; readonly offset: number }
  | {
      readonly kind: 'Map';
      readonly pairs: readonly { readonly key: ExprNode; readonly value: ExprNode }[];
      readonly offset: number;
    }
  | {
      readonly kind: 'Call';
      readonly callee: ExprNode;
      readonly args: readonly ExprNode[];
      readonly offset: number;
    }
  | {
      readonly kind: 'Builtin';
      readonly name: string;
      readonly args: readonly ExprNode[];
      readonly offset: number;
    }
  | { readonly kind: 'Predicate'; readonly body: ExprNode }
  | { readonly kind: 'Pointer'; readonly name: string; readonly offset: number }
  | {
      readonly kind: 'Let';
      readonly name: string;
      readonly value: ExprNode;
      readonly body: ExprNode;
      readonly offset: number;
    }
  | { readonly kind: 'Sequence'; readonly nodes: readonly ExprNode[] };

/** The variant of `ExprNode` with this kind. */
export type NodeOf<Kind extends ExprNode['kind']> = Extract<ExprNode, { readonly kind: Kind }>;
