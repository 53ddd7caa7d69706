/** Lines for people beside a command's output: warnings, progress, advice. */
export interface Notices {
  print(line: string): void;
  /**
   * Sends lines through a printer until the returned function is called: a tree that is repainted on the
   * terminal has to make room for them.
   */
  divert(printer: (line: string) => void): () => void;
}

/** Notices on a stream, standard error as a rule. */
export function createNotices(stream: { write(text: string): unknown }): Notices {
  const straight = (line: string): void => void stream.write(`${line}\n`);
  let print = straight;
  return {
    print: (line) => {
      print(line);
    },
    divert(printer) {
      print = printer;
      return () => {
        print = straight;
      };
    },
  };
}
