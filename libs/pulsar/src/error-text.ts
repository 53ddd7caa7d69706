/** What the numbers of the broker's errors mean, where the name helps. */
const NAMES: Readonly<Record<number, string>> = {
  3: 'the token is missing or not accepted',
  4: 'this is not allowed with that token',
  5: 'another consumer has the subscription for itself',
  6: 'the broker is not ready',
  11: 'there is no such topic',
  17: 'the name of the topic is not valid',
};

/** A sentence for an error that a broker answered. */
export function errorText(code: number | undefined, message: string | undefined): string {
  const name = NAMES[code ?? 0];
  const words = message === undefined || message === '' ? `error ${code ?? 0}` : message;
  return name === undefined ? words : `${name}: ${words}`;
}
