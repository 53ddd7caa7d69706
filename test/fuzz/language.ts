import type { Random } from '../simulation/random.ts';

/** One input, as the Go side reads it (tools/go-oracle). */
export interface Question {
  readonly language: string;
  readonly source: string;
  readonly document?: string;
  readonly zone?: string;
  readonly after?: string;
  readonly values?: readonly unknown[];
}

/** What one side makes of a question: a value, or the fact that it is refused, with words. */
export interface Answer {
  readonly r?: unknown;
  readonly x?: string;
  /** Where Go failed: `compile`, `run` or `panic`. */
  readonly p?: string;
  /** A second value: how a duration is printed. */
  readonly text?: string;
}

/** A language that both sides know. */
export interface Language {
  readonly name: string;
  /** Folder of tools whose Go program answers for it. */
  readonly oracle: string;
  /** One input, made from the language's grammar. */
  question(random: Random): Question;
  /** What this repository makes of it; `given` is what the oracle says expressions can name. */
  answer(question: Question, given: Readonly<Record<string, unknown>>): Answer;
  /** Go's answer in the shape that `answer` gives. */
  normalize?(answer: Answer): Answer;
  /** True where the two are meant to differ; each case is explained there. */
  isMeant?(question: Question, go: Answer, here: Answer): boolean;
}
