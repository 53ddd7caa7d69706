import { formatPath, moreProblems, type FieldPath, type Problem } from '../problem.ts';
import { PROBLEMS_MAX } from '../parse/limits.ts';
import type { TemplateLookup } from '../defaults/template-lookup.ts';
import type { WorkflowDefaults } from '../defaults/workflow-spec.ts';
import type { TemplateCall } from '../defaults/spec-walk.ts';
import type { Arguments } from '../types/parameter.ts';
import type { Template } from '../types/template.ts';
import type { VariableScope } from './scope.ts';

export interface ValidateOptions {
  /** Templates and config maps that may be referred to. Absent: references are not followed. */
  readonly lookup?: TemplateLookup;
  /** True when the manifest is only looked at: arguments may still be supplied at submission. */
  readonly lint?: boolean;
  /**
   * What a reference to a manifest that is not there is: an `error` for a workflow, which would be
   * run now; a `warning` for templates and cron workflows, which may be applied in any order.
   */
  readonly missingReference?: Problem['severity'];
  /** The installation's defaults, merged under the spec. */
  readonly defaults?: WorkflowDefaults;
}

/**
 * A place in a manifest while it is being validated. `trail` is what Argo puts before its message:
 * the templates and steps on the way (`templates.main.steps[0].a `).
 */
export interface Site {
  readonly path: FieldPath;
  readonly trail: string;
  /**
   * False inside a template of another manifest: then `path` stays at the call that leads there.
   */
  readonly isOwn: boolean;
}

/** The manifest whose templates bare names mean. */
export interface Home {
  /** `local`, `namespaced/<name>` or `cluster/<name>`. */
  readonly key: string;
  readonly templates: ReadonlyMap<string, HomeTemplate>;
}

export interface HomeTemplate {
  readonly template: Template;
  /** Place in the manifest that is validated; absent when it comes from another. */
  readonly path?: FieldPath;
}

/** What a call of a template is checked with. */
export interface CallCheck {
  readonly call: TemplateCall;
  readonly home: Home;
  readonly site: Site;
  /** What is passed; `any` while only the template itself is of interest. */
  readonly supplied: Arguments | 'any';
  /** The site is the name of the template itself (`entrypoint`), not what has a field for it. */
  readonly isNameSite?: boolean;
}

/** One run of the validator over one manifest. */
export interface Validation {
  readonly options: ValidateOptions;
  /** The manifest is a template that others will complete. */
  readonly isTemplate: boolean;
  readonly namespace: string;
  /** Variables known everywhere; grows with `globalName` outputs. */
  readonly globals: VariableScope;
  readonly templateDefaults: Template | undefined;
  /** Templates whose bodies have been looked at, by home and name. */
  readonly validated: Set<string>;
  readonly missingReference: Problem['severity'];
  report(site: Site, message: string, ...fields: FieldPath): void;
  warn(site: Site, message: string, ...fields: FieldPath): void;
  /** Validates a call and the template it leads to; gives that template if it could be found. */
  validateCall(check: CallCheck): Template | undefined;
}

/** The site of a field below; `trail` is put behind what the site has already. */
export function below(site: Site, trail: string, ...fields: FieldPath): Site {
  const path = site.isOwn ? [...site.path, ...fields] : site.path;
  return { path, trail: site.trail + trail, isOwn: site.isOwn };
}

/** Collects problems, each once, up to a bound. */
export function createReporter(problems: Problem[]): Pick<Validation, 'report' | 'warn'> {
  const seen = new Set<string>();
  let isClosed = false;
  const add = (severity: Problem['severity'], site: Site, text: string, at: FieldPath): void => {
    if (problems.length >= PROBLEMS_MAX) {
      // An error must never be lost among warnings: it is what refuses the manifest.
      if (severity === 'error' && !isClosed) problems.push(moreProblems());
      isClosed ||= severity === 'error';
      return;
    }
    const message = site.trail + text;
    const path = formatPath(site.isOwn ? [...site.path, ...at] : site.path);
    const key = `${path} ${message}`;
    if (seen.has(key)) return;
    seen.add(key);
    problems.push({ message, path, severity });
  };
  return {
    report: (site, message, ...fields) => add('error', site, message, fields),
    warn: (site, message, ...fields) => add('warning', site, message, fields),
  };
}
