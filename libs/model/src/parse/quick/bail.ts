/**
 * Thrown within the quick reader where a text has something it does not know; the whole reader then
 * takes over. Never leaves the quick reader.
 */
export class Bail extends Error {}

const bail = new Bail('not for the quick reader');

/** Gives up. One error for all: no stack is worth its cost here. */
export function giveUp(): never {
  throw bail;
}
