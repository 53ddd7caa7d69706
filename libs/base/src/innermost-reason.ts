/**
 * The message of what went wrong first. Some clients wrap it in errors that only say how often they tried:
 * the causes and the last of each group of errors are followed to their end.
 */
export function innermostReason(error: unknown): string {
  const inner = innerOf(error);
  if (inner !== undefined) return innermostReason(inner);
  return error instanceof Error ? error.message : String(error);
}

function innerOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors.at(-1) as unknown;
  return error instanceof Error ? error.cause : undefined;
}
