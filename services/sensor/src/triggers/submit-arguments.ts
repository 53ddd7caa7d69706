/** What the `args` of an argoWorkflow trigger ask for: the options of a submission that are known here. */
export interface SubmitArguments {
  readonly parameters: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly name: string | undefined;
  readonly generateName: string | undefined;
  readonly entrypoint: string | undefined;
  readonly serviceAccount: string | undefined;
  readonly nodeFieldSelector: string | undefined;
  readonly message: string | undefined;
  /** Of a resubmission: what succeeded is not run again. */
  readonly memoized: boolean;
}

const OPTION_NAMES: Readonly<Record<string, string>> = {
  '-p': 'parameter',
  '--parameter': 'parameter',
  '-l': 'labels',
  '--labels': 'labels',
  '--name': 'name',
  '--generate-name': 'generateName',
  '--entrypoint': 'entrypoint',
  '--serviceaccount': 'serviceAccount',
  '--node-field-selector': 'nodeFieldSelector',
  '--message': 'message',
};

/** Reads options such as `-p key=value` and `--labels=a=b,c=d`. */
export function parseSubmitArguments(
  value: unknown,
): SubmitArguments | { readonly problem: string } {
  const words = value === undefined || value === null ? [] : value;
  if (!Array.isArray(words)) return { problem: 'args must be a list of options' };
  const single = new Map<string, string>();
  const parameters = new Map<string, string>();
  const labels = new Map<string, string>();
  const rest = words.map(String);
  const memoized = rest.includes('--memoized');
  if (memoized) rest.splice(rest.indexOf('--memoized'), 1);
  while (rest.length > 0) {
    const option = nextOption(rest);
    if ('problem' in option) return option;
    const { name, text } = option;
    if (name === 'parameter') addPair(parameters, text);
    else if (name === 'labels') for (const pair of text.split(',')) addPair(labels, pair);
    else single.set(name, text);
  }
  return {
    parameters,
    labels,
    name: single.get('name'),
    generateName: single.get('generateName'),
    entrypoint: single.get('entrypoint'),
    serviceAccount: single.get('serviceAccount'),
    nodeFieldSelector: single.get('nodeFieldSelector'),
    message: single.get('message'),
    memoized,
  };
}

/** Takes one option with its value off the list. */
function nextOption(
  rest: string[],
): { readonly name: string; readonly text: string } | { readonly problem: string } {
  const word = rest.shift() ?? '';
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const option = equals < 0 ? word : word.slice(0, equals);
  const name = OPTION_NAMES[option];
  if (name === undefined) return { problem: unknownOption(option) };
  const text = equals < 0 ? rest.shift() : word.slice(equals + 1);
  if (text === undefined) return { problem: `args: the option ${option} has no value` };
  return { name, text };
}

function unknownOption(option: string): string {
  const known = Object.keys(OPTION_NAMES).join(', ');
  return `args: the option ${option} is not known here; there are: ${known}`;
}

function addPair(pairs: Map<string, string>, text: string): void {
  const equals = text.indexOf('=');
  if (equals < 0) pairs.set(text, '');
  else pairs.set(text.slice(0, equals), text.slice(equals + 1));
}
