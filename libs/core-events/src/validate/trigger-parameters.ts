import type { FieldPath } from '@argosy/model';
import { fieldsOf, isGiven, textOf, type Fields, type Report } from './report.ts';

const OPERATIONS = new Set(['', 'overwrite', 'append', 'prepend']);

interface ParameterPlace {
  readonly path: FieldPath;
  /** An HTTP payload may take one value as its whole body. */
  readonly mayHaveNoDestination: boolean;
}

/** Checks one parameter of a trigger, a resource or a payload. */
export function checkParameter(report: Report, parameter: Fields, place: ParameterPlace): void {
  const { path } = place;
  if (!isGiven(parameter['src'])) {
    report.error("parameter source can't be empty", [...path, 'src']);
  } else if (textOf(fieldsOf(parameter['src'])['dependencyName']) === '') {
    report.error("parameter dependency name can't be empty", [...path, 'src', 'dependencyName']);
  }
  if (textOf(parameter['dest']) === '' && !place.mayHaveNoDestination) {
    report.error("parameter destination can't be empty", [...path, 'dest']);
  }
  const operation = textOf(parameter['operation']);
  if (!OPERATIONS.has(operation)) {
    report.error(`parameter operation ${operation} is invalid; use overwrite, append or prepend`, [
      ...path,
      'operation',
    ]);
  }
}
