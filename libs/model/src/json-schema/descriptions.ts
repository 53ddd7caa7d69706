import { artifactDescriptions } from './artifact-descriptions.ts';
import { statusDescriptions } from './status-descriptions.ts';
import { templateDescriptions } from './template-descriptions.ts';
import { workflowDescriptions } from './workflow-descriptions.ts';

/** What an object is (under the empty name) and what each of its fields does. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const descriptions: Descriptions = {
  ...workflowDescriptions,
  ...templateDescriptions,
  ...artifactDescriptions,
  ...statusDescriptions,
};

/** What the object of that name is, if it is one of Argo's own. */
export function objectDescription(object: string): string | undefined {
  return descriptions[object]?.[''];
}

/** What the field does, if it is one of Argo's own. */
export function fieldDescription(object: string, field: string): string | undefined {
  return field === '' ? undefined : descriptions[object]?.[field];
}

/** `Object.field` of all descriptions, so that a test can find those that describe nothing. */
export function describedFields(): readonly string[] {
  return Object.entries(descriptions).flatMap(([object, fields]) =>
    Object.keys(fields).map((field) => `${object}.${field}`),
  );
}
