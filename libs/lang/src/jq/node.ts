/** A filter of jq: takes one value, gives any number of values. */
export type JqNode =
  | { readonly kind: 'Identity' }
  | { readonly kind: 'RecurseDefault' }
  | { readonly kind: 'Literal'; readonly value: unknown }
  | {
      readonly kind: 'Text';
      readonly parts: readonly (string | JqNode)[];
      /** `@json` and so on: what is done to each part that is a filter. */
      readonly format?: string;
    }
  | { readonly kind: 'Format'; readonly name: string }
  | {
      readonly kind: 'Field';
      readonly owner: JqNode;
      readonly key: JqNode;
      readonly isOptional?: boolean;
    }
  | {
      readonly kind: 'Slice';
      readonly owner: JqNode;
      readonly from?: JqNode;
      readonly to?: JqNode;
      readonly isOptional?: boolean;
    }
  | { readonly kind: 'Iterate'; readonly owner: JqNode; readonly isOptional?: boolean }
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
  | {
      readonly kind: 'Bind';
      readonly source: JqNode;
      /** Several stand for `?//`: the first with which the body does not fail. */
      readonly patterns: readonly JqPattern[];
      readonly body: JqNode;
    }
  | {
      readonly kind: 'Reduce';
      readonly source: JqNode;
      readonly pattern: JqPattern;
      readonly start: JqNode;
      readonly update: JqNode;
    }
  | {
      readonly kind: 'Foreach';
      readonly source: JqNode;
      readonly pattern: JqPattern;
      readonly start: JqNode;
      readonly update: JqNode;
      readonly extract?: JqNode;
    }
  | { readonly kind: 'Define'; readonly definition: JqDefinition; readonly body: JqNode }
  | { readonly kind: 'Label'; readonly name: string; readonly body: JqNode }
  | { readonly kind: 'Break'; readonly name: string }
  | { readonly kind: 'Call'; readonly name: string; readonly args: readonly JqNode[] };

/** `def name(f; $x): body;`. A parameter with `$` takes each value of its argument, the others a filter. */
export interface JqDefinition {
  /** Name and number of parameters: `map/1`. */
  readonly key: string;
  readonly parameters: readonly string[];
  readonly body: JqNode;
}

/** What `as` takes a value apart by. */
export type JqPattern =
  | { readonly kind: 'Name'; readonly name: string }
  | { readonly kind: 'List'; readonly items: readonly JqPattern[] }
  | {
      readonly kind: 'Map';
      readonly entries: readonly {
        readonly key: JqNode;
        /** For `$x`, which is key and variable at once. */
        readonly name?: string;
        readonly value?: JqPattern;
      }[];
    };
