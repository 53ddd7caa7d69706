/** An expression of Lua 5.1. */
export type Expression =
  | { readonly kind: 'Constant'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'Varargs' }
  | { readonly kind: 'Name'; readonly name: string }
  | { readonly kind: 'Index'; readonly owner: Expression; readonly key: Expression }
  | { readonly kind: 'Call'; readonly callee: Expression; readonly args: readonly Expression[] }
  | {
      readonly kind: 'Method';
      readonly owner: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'Function'; readonly body: FunctionBody }
  | { readonly kind: 'Table'; readonly fields: readonly TableField[] }
  | { readonly kind: 'Group'; readonly inner: Expression }
  | { readonly kind: 'Unary'; readonly operator: '-' | '#' | 'not'; readonly operand: Expression }
  | {
      readonly kind: 'Binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** A field of a table constructor; without key it takes the next index. */
export interface TableField {
  readonly key?: Expression;
  readonly value: Expression;
}

export interface FunctionBody {
  readonly parameters: readonly string[];
  readonly isVariadic: boolean;
  readonly block: Block;
}

export type Block = readonly Statement[];

/** A statement, with the line it begins on. */
export type Statement = { readonly line: number } & (
  | {
      readonly kind: 'Local';
      readonly names: readonly string[];
      readonly values: readonly Expression[];
    }
  | {
      readonly kind: 'Assign';
      readonly targets: readonly Expression[];
      readonly values: readonly Expression[];
    }
  | { readonly kind: 'Call'; readonly call: Expression }
  | { readonly kind: 'Do'; readonly block: Block }
  | { readonly kind: 'While'; readonly condition: Expression; readonly block: Block }
  | { readonly kind: 'Repeat'; readonly block: Block; readonly condition: Expression }
  | {
      readonly kind: 'If';
      readonly branches: readonly { readonly condition: Expression; readonly block: Block }[];
      readonly otherwise: Block;
    }
  | {
      readonly kind: 'NumericFor';
      readonly name: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly step?: Expression;
      readonly block: Block;
    }
  | {
      readonly kind: 'GenericFor';
      readonly names: readonly string[];
      readonly values: readonly Expression[];
      readonly block: Block;
    }
  | { readonly kind: 'LocalFunction'; readonly name: string; readonly body: FunctionBody }
  | { readonly kind: 'Return'; readonly values: readonly Expression[] }
  | { readonly kind: 'Break' }
);
