/** One step of a path; each turns the values found so far into the next ones. */
export type JsonPathStep =
  | { readonly kind: 'Children'; readonly names: readonly string[] }
  | { readonly kind: 'Items'; readonly indexes: readonly number[] }
  | {
      readonly kind: 'Slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly step: number;
    }
  | { readonly kind: 'All' }
  | { readonly kind: 'Descend' }
  | { readonly kind: 'Filter'; readonly condition: JsonPathCondition };

/** The condition of a filter `[?(…)]`. */
export type JsonPathCondition =
  | { readonly kind: 'Not'; readonly operand: JsonPathCondition }
  | {
      readonly kind: 'Logic';
      readonly operator: '&&' | '||';
      readonly left: JsonPathCondition;
      readonly right: JsonPathCondition;
    }
  | {
      readonly kind: 'Compare';
      readonly operator: JsonPathOperator;
      readonly left: JsonPathOperand;
      readonly right: JsonPathOperand;
    }
  | { readonly kind: 'Exists'; readonly operand: JsonPathOperand };

/** How two values are compared. */
export type JsonPathOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A side of a comparison: a path from the item (`@`) or from the root (`$`), or a constant. */
export type JsonPathOperand =
  | { readonly kind: 'Path'; readonly from: '@' | '$'; readonly steps: readonly JsonPathStep[] }
  | { readonly kind: 'Constant'; readonly value: string | number | boolean | null };
