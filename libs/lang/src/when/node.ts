import type { RE2JS } from 're2js';

/** A value of govaluate: numbers are float64, lists come from `(a, b)` or from parameters. */
export type WhenValue = number | string | boolean | null | readonly unknown[] | RE2JS | object;

/** The syntax tree of a govaluate expression. A missing operand is nil when evaluated. */
export type WhenNode =
  | { readonly kind: 'Literal'; readonly value: WhenValue }
  | { readonly kind: 'Variable'; readonly name: string }
  | { readonly kind: 'Accessor'; readonly path: readonly string[] }
  | { readonly kind: 'Group'; readonly inner: WhenNode | undefined }
  | { readonly kind: 'Prefix'; readonly operator: string; readonly right: WhenNode | undefined }
  | {
      readonly kind: 'Binary';
      readonly operator: string;
      readonly left: WhenNode | undefined;
      readonly right: WhenNode | undefined;
    };
