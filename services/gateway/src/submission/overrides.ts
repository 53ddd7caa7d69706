import { applySubmitOptions, type SubmitOptions, type Workflow } from '@argosy/model';

/** What a submission changes in the manifest; Argo's `submitOptions`. Empty texts change nothing. */
export interface SubmitOverrides {
  readonly name?: string;
  readonly generateName?: string;
  readonly entrypoint?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly priority?: number;
  /** RFC 3339. */
  readonly scheduledTime?: string;
}

/** Annotation under which Argo keeps the instant of a schedule. */
const SCHEDULED_TIME = 'workflows.argoproj.io/scheduled-time';

/** The manifest with the overrides in it. */
export function withOverrides(workflow: Workflow, overrides: SubmitOverrides): Workflow {
  const { serviceAccount, scheduledTime = '', annotations = {}, ...rest } = overrides;
  const scheduled = scheduledTime === '' ? {} : { [SCHEDULED_TIME]: scheduledTime };
  const asked = {
    ...rest,
    serviceAccountName: serviceAccount,
    annotations: { ...annotations, ...scheduled },
  };
  const given = Object.entries(asked).filter(([, value]) => !isEmpty(value));
  return applySubmitOptions(workflow, Object.fromEntries(given) as SubmitOptions);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
