import { artifactTables } from './artifact-tables.ts';
import { parseFieldType, type FieldTable, type FieldType } from './field-type.ts';
import { kubernetesTables } from './kubernetes-tables.ts';
import { statusTables } from './status-tables.ts';
import { templateTables } from './template-tables.ts';
import { workflowTables } from './workflow-tables.ts';

/** One kind of object: its fields by name, and by lower-case name for lenient reading. */
export interface ObjectSchema {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Fields that an object always has: absent ones get Go's zero value. */
  readonly required: readonly string[];
  readonly fieldsByLowerName: ReadonlyMap<string, string>;
}

const tables: Readonly<Record<string, FieldTable>> = {
  ...kubernetesTables,
  ...artifactTables,
  ...templateTables,
  ...workflowTables,
  ...statusTables,
};

const schemas: ReadonlyMap<string, ObjectSchema> = new Map(
  Object.entries(tables).map(([name, table]) => [name, schemaOf(name, table)]),
);

function schemaOf(name: string, table: FieldTable): ObjectSchema {
  const entries = Object.entries(table);
  return {
    name,
    fields: new Map(entries.map(([field, type]) => [field, parseFieldType(type.replace('!', ''))])),
    required: entries.filter(([, type]) => type.endsWith('!')).map(([field]) => field),
    fieldsByLowerName: new Map(entries.map(([field]) => [field.toLowerCase(), field])),
  };
}

/** The schema of that name, if there is one. */
export function objectSchema(name: string): ObjectSchema | undefined {
  return schemas.get(name);
}

/** Names of all schemas. */
export function schemaNames(): readonly string[] {
  return [...schemas.keys()];
}
