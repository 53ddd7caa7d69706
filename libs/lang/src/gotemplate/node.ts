/** One command of a pipeline: an operand, or a function with its arguments. */
export interface Command {
  readonly operands: readonly Operand[];
}

/** `a | b | c`, with variables it declares (`$x := …`) or assigns (`$x = …`). */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** What a command is made of; `fields` are the names behind it (`.a.b`). */
export type Operand =
  | { readonly kind: 'Dot'; readonly fields: readonly string[] }
  | { readonly kind: 'Variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'Function'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'Pipe'; readonly pipeline: Pipeline; readonly fields: readonly string[] }
  | { readonly kind: 'Literal'; readonly value: string | number | bigint | boolean | null };

/** A node of a parsed template. */
export type TemplateNode =
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'If' | 'With' | 'Range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly kind: 'Template'; readonly name: string; readonly pipeline?: Pipeline }
  | { readonly kind: 'Break' }
  | { readonly kind: 'Continue' };
